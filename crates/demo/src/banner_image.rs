//! Banner images, which are drawn instead of shipped.

use super::{
    canvas::{Canvas, Colour},
    lettering::{self, write},
};

/// Two tones of a ground on which white is readable, and an accent that differs from both.
struct Palette {
    from: Colour,
    to: Colour,
    accent: Colour,
}

const PALETTES: [Palette; 10] = [
    palette(0x0f_4c_81, 0x1b_7d_9c, 0xff_c8_57),
    palette(0x5b_2a_86, 0x96_4f_a8, 0x9a_ec_db),
    palette(0x0b_5d_4f, 0x27_83_5a, 0xf9_d5_6e),
    palette(0x8f_2d_56, 0xc0_4e_58, 0xff_d9_a0),
    palette(0x24_2f_6b, 0x4a_5f_c1, 0xff_8f_70),
    palette(0x7a_3b_12, 0xac_62_26, 0xff_ec_b3),
    palette(0x1d_3b_3a, 0x3f_79_77, 0xff_a6_2b),
    palette(0x6b_1e_2e, 0xa8_3f_39, 0xf7_d0_8a),
    palette(0x2b_2d_42, 0x5b_62_82, 0xef_83_54),
    palette(0x0a_56_6f, 0x2c_84_74, 0xf4_f1_a6),
];

const WHITE: Colour = [0xff; 3];
const SIDE: f32 = 0.09;

const fn palette(from: u32, to: u32, accent: u32) -> Palette {
    const fn colour(number: u32) -> Colour {
        let [_, red, green, blue] = number.to_be_bytes();
        [red, green, blue]
    }
    Palette { from: colour(from), to: colour(to), accent: colour(accent) }
}

/// Returns a PNG of `width` × `height` with the banner's name and size.
///
/// The same arguments give the same bytes. `seed` chooses colours and shapes.
pub(crate) fn draw(name: &str, width: u32, height: u32, seed: u64) -> Vec<u8> {
    let many = PALETTES.len() as u64;
    let palette = &PALETTES[usize::try_from(seed % many).unwrap_or_default()];
    let mut canvas = Canvas::gradient(width, height, palette.from, palette.to);
    accent(&mut canvas, palette.accent, seed / many);

    let (wide, high) = canvas.size();
    let margin = (wide.min(high) * SIDE).max(10.0);
    let size = format!("{width} × {height}");
    if high < 200.0 {
        // One line: the name, then the size.
        let space = (wide * 0.66 - margin, high * 0.9);
        let (lines, line_high) = fit(name, space);
        let name = lines.join(" ");
        let size_high = (line_high * 0.55).clamp(11.0, 26.0);
        let after = margin + lettering::width_of(&name, line_high) + line_high * 0.4;
        write(&mut canvas, &name, (margin, (high - line_high) / 2.0), line_high, WHITE);
        // The size stands on the line of the name.
        let top = high / 2.0 + line_high * 0.25 - size_high * 0.75;
        write(&mut canvas, &size, (after, top), size_high, WHITE);
    } else {
        let bar = (wide.min(high) * 0.17, (wide.min(high) * 0.018).max(4.0));
        canvas.bar((margin, margin), bar, palette.accent);
        // The space below stays free for the shape.
        let (lines, line_high) = fit(name, (wide - 2.2 * margin, high * 0.68 - 2.0 * margin));
        let size_high = (line_high * 0.55).clamp(11.0, 26.0);
        let mut top = margin + bar.1 + line_high * 0.35;
        for line in &lines {
            write(&mut canvas, line, (margin, top), line_high, WHITE);
            top += line_high;
        }
        write(&mut canvas, &size, (margin, top + line_high * 0.2), size_high, WHITE);
    }
    canvas.into_png()
}

/// Breaks the name into the fewest lines that make it large, and returns them with their height.
fn fit(name: &str, (wide, high): (f32, f32)) -> (Vec<String>, f32) {
    let words: Vec<&str> = name.split_whitespace().collect();
    let most = if wide > 3.0 * high { 1 } else { words.len().clamp(1, 4) };
    (1..=most)
        .map(|count| {
            let lines = broken(&words, count);
            let longest =
                lines.iter().map(|line| lettering::width_of(line, 1.0)).fold(1.0, f32::max);
            // Text, the gap and the size below it share the height.
            let rows = lines.iter().fold(1.1, |sum, _| sum + 1.0);
            let line_high = (wide / longest).min(high / rows).min(64.0);
            (lines, line_high)
        })
        .max_by(|one, other| one.1.total_cmp(&other.1))
        .unwrap_or_default()
}

/// Breaks words into `count` lines of about the same length.
fn broken(words: &[&str], count: usize) -> Vec<String> {
    let letters: usize = words.iter().map(|word| word.chars().count() + 1).sum();
    let target = letters.div_ceil(count);
    let mut lines: Vec<String> = vec![];
    for word in words {
        match lines.last_mut() {
            Some(line) if line.chars().count() + word.chars().count() < target => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push((*word).to_owned()),
        }
    }
    lines
}

/// Paints one of three shapes at the right or below, behind the text.
fn accent(canvas: &mut Canvas, colour: Colour, seed: u64) {
    let (wide, high) = canvas.size();
    let short = wide.min(high);
    let tall = high > 1.5 * wide;
    let centre = if tall {
        (wide * 0.70, high - short * 0.5)
    } else {
        (wide - short * 0.28, high - short * 0.18)
    };
    match seed % 3 {
        0 => {
            canvas.disc(centre, short * 0.52, WHITE, 0.10);
            canvas.disc(centre, short * 0.30, colour, 0.95);
        }
        1 => {
            for step in [0.30_f32, 0.46, 0.62] {
                canvas.ring(centre, short * step, short * 0.06, colour, 0.95 - step);
            }
            canvas.disc(centre, short * 0.15, colour, 0.95);
        }
        _ => {
            // Hills: two large discs that rise from below the edge, and a sun.
            let below = high + short * 0.55;
            canvas.disc((wide - short * 0.75, below + short * 0.20), short * 0.85, WHITE, 0.14);
            canvas.disc((wide - short * 0.10, below), short * 0.80, colour, 0.95);
            canvas.disc((wide - short * 0.58, high - short * 0.26), short * 0.07, WHITE, 0.85);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZES: [(u32, u32); 6] =
        [(300, 250), (728, 90), (160, 600), (320, 50), (970, 250), (336, 280)];

    #[test]
    fn a_banner_is_a_png_of_the_size_asked_for() {
        for (width, height) in SIZES.into_iter().chain([(1, 1), (40, 900)]) {
            let image = draw("Trail runner", width, height, 7);
            assert_eq!(bams_media::sniff(&image), Some(bams_media::MediaType::Png));
            assert_eq!(bams_media::dimensions(&image), Some((width, height)));
        }
        assert!(!draw("", 300, 250, 0).is_empty());
    }

    #[test]
    fn the_same_arguments_draw_the_same_picture() {
        let image = || draw("Café crème", 300, 250, 12);
        assert_eq!(image(), image());
        assert_ne!(image(), draw("Café crème", 300, 250, 13));
        assert_ne!(image(), draw("Café crema", 300, 250, 12));
    }

    #[test]
    fn the_name_stays_inside_the_picture() {
        for (width, height) in SIZES {
            let space = (
                f32::from(u16::try_from(width).unwrap()),
                f32::from(u16::try_from(height).unwrap()),
            );
            for name in ["Tea", "Weekend in Lisbon", "Noise-cancelling headphones"] {
                let (lines, line_high) = fit(name, space);
                assert_eq!(lines.join(" "), name);
                for line in lines {
                    assert!(lettering::width_of(&line, line_high) <= space.0 + 0.01, "{line}");
                }
            }
        }
    }

    #[test]
    fn white_is_readable_on_every_ground() {
        for Palette { from, to, .. } in &PALETTES {
            for ground in [from, to] {
                assert!(1.05 / (luminance(*ground) + 0.05) >= 4.5, "{ground:x?}");
            }
        }
    }

    /// Returns the luminance as WCAG 2.2 defines it.
    fn luminance(colour: Colour) -> f32 {
        let [red, green, blue] = colour.map(|channel| {
            let part = f32::from(channel) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
}
