//! Cuts logs into blocks of whole lines. A plain file is read by position, so
//! that each worker fills its own block; packed ones come in a stream.

use std::fs::File;
use std::io::{self, Read};
use std::sync::mpsc::{Receiver, sync_channel};

use rayon::prelude::*;

use super::open::{LogError, LogFile, Packing};

/// Bytes of a block: small enough to stay in the cache while it is parsed.
pub const BLOCK: u64 = 1 << 20;
/// Blocks worked on at a time.
pub const WAVE: usize = 8;
/// A line is followed this far beyond its block; what is longer is cut.
const LONGEST_LINE: u64 = 64 << 20;

/// Reads one log in waves of blocks.
pub(super) enum Waves {
    Positioned { file: File, len: u64, next: u64 },
    Streamed { blocks: Receiver<io::Result<Vec<u8>>> },
}

impl Waves {
    pub(super) fn of(log: &LogFile) -> Result<Waves, LogError> {
        let unreadable = |source| LogError::Unreadable { file: log.name.clone(), source };
        if log.packing == Packing::Plain && cfg!(unix) {
            return Ok(Waves::Positioned { file: log.file().map_err(unreadable)?, len: log.len, next: 0 });
        }
        let reader = log.unpacked().map_err(unreadable)?;
        let (send, blocks) = sync_channel(WAVE);
        std::thread::spawn(move || stream(reader, |block| send.send(block).is_ok()));
        Ok(Waves::Streamed { blocks })
    }

    /// Fills the next wave and runs `work` on each block in parallel; the
    /// results are in the order of the blocks. `None` at the end. The second
    /// value is what stopped the reading early.
    pub(super) fn next<'b, T: Send>(
        &mut self,
        buffers: &'b mut Vec<Vec<u8>>,
        work: impl Fn(&'b [u8]) -> T + Sync,
    ) -> Option<(Vec<T>, Option<io::Error>)> {
        buffers.resize_with(WAVE, Vec::new);
        match self {
            Waves::Positioned { file, len, next } => {
                if *next >= *len {
                    return None;
                }
                let (file, len, first) = (&*file, *len, *next);
                *next = first + BLOCK * WAVE as u64;
                let results: Vec<(T, Option<io::Error>)> = buffers
                    .par_iter_mut()
                    .enumerate()
                    .map(|(index, buffer)| {
                        let start = first + index as u64 * BLOCK;
                        let failed = fill(file, start, len, buffer).err();
                        (work(buffer), failed)
                    })
                    .collect();
                let mut error = None;
                let results = results
                    .into_iter()
                    .map(|(result, failed)| {
                        error = error.take().or(failed);
                        result
                    })
                    .collect();
                Some((results, error))
            }
            Waves::Streamed { blocks } => {
                let (mut filled, mut error) = (0, None);
                for buffer in buffers.iter_mut() {
                    match blocks.recv() {
                        Ok(Ok(block)) => {
                            *buffer = block;
                            filled += 1;
                        }
                        Ok(Err(failed)) => {
                            error = Some(failed);
                            break;
                        }
                        Err(_) => break,
                    }
                }
                if filled == 0 && error.is_none() {
                    return None;
                }
                let results = buffers[..filled].par_iter().map(|buffer| work(buffer)).collect();
                Some((results, error))
            }
        }
    }
}

/// The lines that begin in `[start, start + BLOCK)`.
#[cfg(unix)]
fn fill(file: &File, start: u64, len: u64, buffer: &mut Vec<u8>) -> io::Result<()> {
    use std::os::unix::fs::FileExt;
    buffer.clear();
    if start >= len {
        return Ok(());
    }
    let read = |buffer: &mut Vec<u8>, from: u64, want: u64| -> io::Result<u64> {
        let want = want.min(len.saturating_sub(from));
        let old = buffer.len();
        buffer.resize(old + want as usize, 0);
        let mut got = 0;
        while got < want {
            match file.read_at(&mut buffer[old + got as usize..], from + got) {
                Ok(0) => break,
                Ok(count) => got += count as u64,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    buffer.truncate(old + got as usize);
                    return Err(error);
                }
            }
        }
        buffer.truncate(old + got as usize);
        Ok(got)
    };
    // The byte before tells whether a line begins at `start`.
    let from = start.saturating_sub(1);
    let want = BLOCK + (start - from);
    let got = read(buffer, from, want)?;
    if start > 0 {
        match memchr::memchr(b'\n', buffer) {
            // No line begins in this block.
            None => {
                buffer.clear();
                return Ok(());
            }
            Some(end) if end as u64 + 1 >= want => {
                buffer.clear();
                return Ok(());
            }
            Some(end) => {
                buffer.drain(..=end);
            }
        }
    }
    if got < want {
        return Ok(());
    }
    let mut at = from + got;
    while buffer.last() != Some(&b'\n') && at < len && at - start < LONGEST_LINE {
        let old = buffer.len();
        let got = read(buffer, at, 64 << 10)?;
        if got == 0 {
            break;
        }
        at += got;
        if let Some(end) = memchr::memchr(b'\n', &buffer[old..]) {
            buffer.truncate(old + end + 1);
        }
    }
    Ok(())
}

#[cfg(not(unix))]
fn fill(_: &File, _: u64, _: u64, _: &mut Vec<u8>) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Sends blocks of whole lines until the reader ends or nobody listens.
fn stream(mut reader: impl Read, mut send: impl FnMut(io::Result<Vec<u8>>) -> bool) {
    let mut carry: Vec<u8> = Vec::new();
    loop {
        let mut block = std::mem::take(&mut carry);
        let want = BLOCK.max(block.len() as u64 / 2) as usize;
        let old = block.len();
        let result = reader.by_ref().take(want as u64).read_to_end(&mut block);
        let ended = block.len() < old + want;
        if let Err(error) = result {
            // What came before the damage is still good.
            let _ = block.is_empty() || send(Ok(block));
            send(Err(error));
            return;
        }
        if ended {
            let _ = block.is_empty() || send(Ok(block));
            return;
        }
        match memchr::memrchr(b'\n', &block) {
            Some(end) => carry = block.split_off(end + 1),
            None if (block.len() as u64) < LONGEST_LINE => {
                carry = block;
                continue;
            }
            None => {}
        }
        if !send(Ok(block)) {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    /// Lines of every length, some beyond a block, must come out once and whole.
    #[test]
    fn both_ways_of_reading_keep_every_line() {
        let mut text = Vec::new();
        for (index, len) in
            [0, 1, 5000, 1 << 20, 1, (5 << 20) + 3, 0, 0, 70_000, (1 << 20) - 1, 2].iter().enumerate()
        {
            text.extend(std::iter::repeat_n(b'a' + index as u8, *len));
            text.push(b'\n');
        }
        for _ in 0..40_000 {
            text.extend_from_slice(b"a line of some usual length, to fill blocks with\n");
        }
        text.extend_from_slice(b"torn");
        let want: Vec<&[u8]> = text.split(|b| *b == b'\n').collect();
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&text).unwrap();
        let mut waves = Waves::Positioned { file, len: text.len() as u64, next: 0 };
        let (send, blocks) = sync_channel(1000);
        stream(&text[..], |block| send.send(block).is_ok());
        drop(send);
        let mut streamed = Waves::Streamed { blocks };
        for waves in [&mut waves, &mut streamed] {
            let mut all: Vec<u8> = Vec::new();
            let mut buffers = Vec::new();
            while let Some((blocks, error)) = waves.next(&mut buffers, |block| block.to_vec()) {
                assert!(error.is_none());
                for block in blocks {
                    all.extend(block);
                }
            }
            assert!(all.split(|b| *b == b'\n').eq(want.iter().copied()));
        }
    }
}
