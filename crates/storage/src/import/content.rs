//! The content of a file, which may be packed with gzip.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek};

use flate2::read::MultiGzDecoder;

use super::progress::ImportProgress;

/// The first bytes of every gzip file.
const GZIP: [u8; 2] = [0x1F, 0x8B];

/// The content of a file from its beginning.
pub(super) enum Content<'a> {
    Plain(CountedFile<'a>),
    Packed { unpacker: MultiGzDecoder<CountedFile<'a>>, left: u64 },
}

/// The bytes of a file, which are counted as progress, and end when nobody waits for them.
pub(super) struct CountedFile<'a> {
    file: &'a File,
    progress: &'a ImportProgress,
}

impl<'a> Content<'a> {
    /// Makes the content of a file from its beginning.
    ///
    /// The first bytes tell whether it is packed. Then reading more than `limit` bytes fails with
    /// [`FileTooLarge`](ErrorKind::FileTooLarge).
    pub(super) fn of(
        mut file: &'a File,
        limit: u64,
        progress: &'a ImportProgress,
    ) -> io::Result<Self> {
        file.rewind()?;
        let mut beginning = Vec::with_capacity(GZIP.len());
        file.take(GZIP.len() as u64).read_to_end(&mut beginning)?;
        file.rewind()?;
        let counted = CountedFile { file, progress };
        Ok(if beginning == GZIP {
            Self::Packed { unpacker: MultiGzDecoder::new(counted), left: limit }
        } else {
            Self::Plain(counted)
        })
    }
}

impl Read for Content<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(file) => file.read(buffer),
            Self::Packed { unpacker, left } => {
                let count = unpacker.read(buffer)?;
                let within = left.checked_sub(count as u64);
                *left = within.ok_or_else(|| io::Error::from(ErrorKind::FileTooLarge))?;
                Ok(count)
            }
        }
    }
}

impl Read for CountedFile<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.progress.is_over() {
            return Err(io::Error::other("the import is over"));
        }
        let count = self.file.read(buffer)?;
        self.progress.advance(count as u64);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn packed(text: &[u8]) -> Vec<u8> {
        let mut packer = GzEncoder::new(Vec::new(), Compression::best());
        packer.write_all(text).unwrap();
        packer.finish().unwrap()
    }

    fn read(bytes: &[u8], limit: u64) -> Result<Vec<u8>, ErrorKind> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        let progress = ImportProgress::default();
        let mut text = Vec::new();
        let mut content = Content::of(&file, limit, &progress).unwrap();
        content.read_to_end(&mut text).map(|_| text).map_err(|it| it.kind())
    }

    #[test]
    fn what_is_packed_is_unpacked_up_to_a_limit() {
        for plain in [&b""[..], b"a", b"\x1f", b"a,b\n1,2\n"] {
            assert_eq!(read(plain, 0), Ok(plain.to_vec()));
            assert_eq!(read(&packed(plain), 8), Ok(plain.to_vec()));
        }
        let twice = [packed(b"a,b\n"), packed(b"1,2\n")].concat();
        assert_eq!(read(&twice, 8), Ok(b"a,b\n1,2\n".to_vec()));
        assert_eq!(read(&twice, 7), Err(ErrorKind::FileTooLarge));
        let bomb = packed(&vec![b'1'; 1 << 24]);
        assert!(bomb.len() < 20_000);
        assert_eq!(read(&bomb, 1 << 20), Err(ErrorKind::FileTooLarge));
    }

    #[test]
    fn what_is_damaged_is_no_content() {
        let whole = packed(b"a,b\n1,2\n");
        let cut = &whole[..whole.len() - 4];
        assert_eq!(read(cut, 100), Err(ErrorKind::UnexpectedEof));
        let more = [&whole, &b"x,y\n"[..]].concat();
        assert!(read(&more, 100).is_err());
        let mut broken = whole;
        broken[12] ^= 0x55;
        assert!(read(&broken, 100).is_err());
    }
}
