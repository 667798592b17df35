//! A picture in memory: gradients and soft-edged shapes, written as PNG.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "pixels and colours are small numbers"
)]

/// Red, green and blue, each from 0 to 255.
pub(crate) type Colour = [u8; 3];

/// A picture of `width` × `height` pixels.
pub(crate) struct Canvas {
    width: u32,
    height: u32,
    pixels: Vec<Colour>,
}

impl Canvas {
    /// Makes a picture that fades from one colour at the top to another at the bottom.
    pub(crate) fn gradient(width: u32, height: u32, from: Colour, to: Colour) -> Self {
        let mut pixels = Vec::with_capacity((width * height) as usize);
        for y in 0..height {
            let colour = mixed(from, to, y as f32 / (height.max(2) - 1) as f32);
            pixels.resize(pixels.len() + width as usize, colour);
        }
        Self { width, height, pixels }
    }

    /// Returns width and height as floats.
    pub(crate) fn size(&self) -> (f32, f32) {
        (self.width as f32, self.height as f32)
    }

    /// Paints each pixel as far as `cover` covers it, from 0 to 1.
    ///
    /// `cover` gets the middle of each pixel within a box of this middle and size.
    pub(crate) fn paint(
        &mut self,
        colour: Colour,
        opacity: f32,
        (middle, size): ((f32, f32), (f32, f32)),
        cover: impl Fn(f32, f32) -> f32,
    ) {
        let pixels = |middle: f32, size: f32, most: u32| {
            let (first, last) = (middle - size / 2.0 - 1.0, middle + size / 2.0 + 1.0);
            first.max(0.0) as u32..(last.max(0.0).ceil() as u32).min(most)
        };
        for y in pixels(middle.1, size.1, self.height) {
            let row = (y * self.width) as usize;
            for x in pixels(middle.0, size.0, self.width) {
                let share = cover(x as f32 + 0.5, y as f32 + 0.5).min(1.0) * opacity;
                if share > 0.0 {
                    let pixel = &mut self.pixels[row + x as usize];
                    *pixel = mixed(*pixel, colour, share);
                }
            }
        }
    }

    /// Paints a disc.
    pub(crate) fn disc(&mut self, middle: (f32, f32), radius: f32, colour: Colour, opacity: f32) {
        let around = (middle, (radius * 2.0, radius * 2.0));
        self.paint(colour, opacity, around, |x, y| {
            radius - (x - middle.0).hypot(y - middle.1) + 0.5
        });
    }

    /// Paints a ring that is `thick` pixels wide.
    pub(crate) fn ring(
        &mut self,
        middle: (f32, f32),
        radius: f32,
        thick: f32,
        colour: Colour,
        opacity: f32,
    ) {
        let outer = radius * 2.0 + thick;
        self.paint(colour, opacity, (middle, (outer, outer)), |x, y| {
            let from_line = ((x - middle.0).hypot(y - middle.1) - radius).abs();
            thick / 2.0 - from_line + 0.5
        });
    }

    /// Paints a bar from `(left, top)`, with round ends.
    pub(crate) fn bar(
        &mut self,
        (left, top): (f32, f32),
        (wide, high): (f32, f32),
        colour: Colour,
    ) {
        let radius = wide.min(high) / 2.0;
        let middle = (left + wide / 2.0, top + high / 2.0);
        let (half_wide, half_high) = (wide / 2.0 - radius, high / 2.0 - radius);
        self.paint(colour, 1.0, (middle, (wide, high)), |x, y| {
            let beside = ((x - middle.0).abs() - half_wide).max(0.0);
            let above = ((y - middle.1).abs() - half_high).max(0.0);
            radius - beside.hypot(above) + 0.5
        });
    }

    /// Returns the picture as a PNG file.
    pub(crate) fn into_png(self) -> Vec<u8> {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, self.width, self.height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        // Most pixels equal the one above, so this is fast and small.
        encoder.set_compression(png::Compression::Balanced);
        encoder.set_filter(png::Filter::Up);
        // Writing into memory cannot fail, and the pixels fit the size for which they were made.
        let written = encoder
            .write_header()
            .and_then(|mut writer| writer.write_image_data(self.pixels.as_flattened()));
        debug_assert!(written.is_ok(), "{written:?}");
        file
    }
}

fn mixed(from: Colour, to: Colour, share: f32) -> Colour {
    std::array::from_fn(|channel| {
        let (first, last) = (f32::from(from[channel]), f32::from(to[channel]));
        (first + (last - first) * share).round() as u8
    })
}
