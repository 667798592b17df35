//! Text of any size, from a font of small bitmaps.
//!
//! Letters are set as close as their shapes allow. To enlarge them, the steps in their outlines
//! become slopes, and the edge is where half of the surroundings is ink.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "pixels are small numbers"
)]

use embedded_graphics::{
    Drawable, Pixel,
    draw_target::DrawTarget,
    geometry::{OriginDimensions, Point, Size},
    mono_font::{MonoFont, MonoTextStyle, iso_8859_1::FONT_9X18_BOLD},
    pixelcolor::BinaryColor,
    text::{Baseline, Text},
};

use super::canvas::{Canvas, Colour};

const FONT: &MonoFont<'_> = &FONT_9X18_BOLD;
const BETWEEN_LETTERS: usize = 2;
const BETWEEN_WORDS: usize = 5;

/// How much finer than the font the outlines are: two doublings.
const FINER: f32 = 4.0;

/// A line of text in black and white.
struct Bitmap {
    width: usize,
    height: usize,
    ink: Vec<bool>,
}

impl Bitmap {
    fn new(width: usize, height: usize) -> Self {
        Self { width, height, ink: vec![false; width * height] }
    }

    /// Returns one letter in its cell.
    fn letter(letter: char) -> Self {
        let cell = FONT.character_size;
        let mut bitmap = Self::new(cell.width as usize, cell.height as usize);
        let style = MonoTextStyle::new(FONT, BinaryColor::On);
        let mut bytes = [0; 4];
        let text = letter.encode_utf8(&mut bytes);
        let Ok(_) =
            Text::with_baseline(text, Point::zero(), style, Baseline::Top).draw(&mut bitmap);
        bitmap
    }

    /// Returns a line of letters, each as wide as its ink.
    fn line(text: &str) -> Self {
        let letters: Vec<(Self, usize, usize)> = text
            .chars()
            .map(|letter| {
                let cell = Self::letter(letter);
                let is_inked = |x: &usize| (0..cell.height).any(|y| cell.ink[y * cell.width + x]);
                let ends = ((0..cell.width).find(is_inked), (0..cell.width).rfind(is_inked));
                let (first, wide) = match ends {
                    (Some(first), Some(last)) => (first, last - first + 1 + BETWEEN_LETTERS),
                    _ => (0, BETWEEN_WORDS),
                };
                (cell, first, wide)
            })
            .collect();
        let width = letters.iter().map(|(.., wide)| wide).sum();
        let mut line = Self::new(width, FONT.character_size.height as usize);
        let mut left = 0;
        for (letter, first, wide) in letters {
            for y in 0..letter.height {
                for x in first..(first + wide).min(letter.width) {
                    line.ink[y * width + left + x - first] = letter.ink[y * letter.width + x];
                }
            }
            left += wide;
        }
        line
    }

    fn at(&self, x: i32, y: i32) -> bool {
        let inside = (0..self.width as i32).contains(&x) && (0..self.height as i32).contains(&y);
        inside && self.ink[y as usize * self.width + x as usize]
    }

    /// Returns the bitmap at twice the size, with the corners of steps filled or cut (the "EPX"
    /// rule).
    fn doubled(&self) -> Self {
        let mut large = Self::new(self.width * 2, self.height * 2);
        for y in 0..large.height as i32 {
            for x in 0..large.width as i32 {
                let (column, row) = (x / 2, y / 2);
                let (beside, beyond) = if x % 2 == 0 { (-1, 1) } else { (1, -1) };
                let (above, below) = if y % 2 == 0 { (-1, 1) } else { (1, -1) };
                let near = self.at(column + beside, row);
                let corner = near == self.at(column, row + above)
                    && near != self.at(column + beyond, row)
                    && near != self.at(column, row + below);
                let ink = if corner { near } else { self.at(column, row) };
                large.ink[y as usize * large.width + x as usize] = ink;
            }
        }
        large
    }

    /// Returns the share of ink around a place, from 0 to 1.
    fn around(&self, x: f32, y: f32) -> f32 {
        let (left, top) = ((x - 0.5).floor(), (y - 0.5).floor());
        let (right, below) = (x - 0.5 - left, y - 0.5 - top);
        // Four by four pixels, of which near ones weigh more.
        let weights =
            |share: f32| [1.0 - share, 2.0 - share, 1.0 + share, share].map(|weight| weight / 4.0);
        let mut ink = 0.0;
        for (row, down) in (-1..).zip(weights(below)) {
            for (column, across) in (-1..).zip(weights(right)) {
                if self.at(left as i32 + column, top as i32 + row) {
                    ink += across * down;
                }
            }
        }
        ink
    }
}

impl OriginDimensions for Bitmap {
    fn size(&self) -> Size {
        Size::new(self.width as u32, self.height as u32)
    }
}

impl DrawTarget for Bitmap {
    type Color = BinaryColor;
    type Error = std::convert::Infallible;

    fn draw_iter<I>(&mut self, pixels: I) -> Result<(), Self::Error>
    where
        I: IntoIterator<Item = Pixel<Self::Color>>,
    {
        for Pixel(Point { x, y }, colour) in pixels {
            if (0..self.width as i32).contains(&x) && (0..self.height as i32).contains(&y) {
                self.ink[y as usize * self.width + x as usize] = colour.is_on();
            }
        }
        Ok(())
    }
}

/// Returns the width of a line of this height.
pub(crate) fn width_of(text: &str, height: f32) -> f32 {
    let line = Bitmap::line(text);
    line.width as f32 * height / line.height as f32
}

/// Writes one line with its top left corner at `(left, top)`, `height` pixels high.
pub(crate) fn write(
    canvas: &mut Canvas,
    text: &str,
    (left, top): (f32, f32),
    height: f32,
    colour: Colour,
) {
    let line = Bitmap::line(text);
    let scale = height / line.height as f32;
    let size = (line.width as f32 * scale, height);
    let fine = line.doubled().doubled();
    let step = FINER / scale;
    // The soft edge is as wide as one pixel of the canvas.
    let sharpness = (2.0 / step).max(1.0);
    canvas.paint(colour, 1.0, ((left + size.0 / 2.0, top + height / 2.0), size), |x, y| {
        let ink = fine.around((x - left) * step, (y - top) * step);
        (ink - 0.5) * sharpness + 0.5
    });
}
