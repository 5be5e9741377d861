//! Cuts logs into blocks of whole lines. A plain file is read by position, so
//! that each worker reads its own region; packed ones come in a stream.

use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};

use rayon::prelude::*;

use super::open::{LogError, LogFile, Lost};
use super::packing::Packing;

/// Bytes of one worker's region of a file, and of a block of a stream.
const REGION: u64 = 1 << 20;
/// Bytes read at a time: they stay in the core's own cache while parsed.
const PIECE: u64 = 192 << 10;
/// Read beyond a region at first, to find the end of its last line.
const TAIL: u64 = 4 << 10;
/// Regions worked on at a time.
const WAVE: usize = 16;
/// A line is followed this far beyond its region; what is longer is cut.
const LONGEST_LINE: u64 = 64 << 20;

/// Reads one log in waves of regions.
pub(super) struct Waves {
    input: Input,
    buffers: Vec<Vec<u8>>,
    lost: Arc<Lost>,
}

enum Input {
    Positioned { file: File, len: u64, next: u64 },
    Streamed { blocks: Receiver<io::Result<Vec<u8>>> },
}

impl Waves {
    pub(super) fn of(log: &LogFile) -> Result<Waves, LogError> {
        let unreadable = |source| LogError::Unreadable { file: log.name.clone(), source };
        if log.packing == Packing::Plain && !log.wide && cfg!(unix) {
            let file = log.file().map_err(unreadable)?;
            return Ok(Waves::new(Input::Positioned { file, len: log.len, next: 0 }, log.lost.clone()));
        }
        let reader = log.unpacked().map_err(unreadable)?;
        let (send, blocks) = sync_channel(WAVE);
        std::thread::spawn(move || stream(reader, |block| send.send(block).is_ok()));
        Ok(Waves::new(Input::Streamed { blocks }, log.lost.clone()))
    }

    fn new(input: Input, lost: Arc<Lost>) -> Waves {
        Waves { input, buffers: Vec::new(), lost }
    }

    /// Runs `work` on each block of the next wave, in parallel; the results are
    /// in the order of the blocks. `None` at the end. What could not be read is asked of the log itself, by
    /// [`LogFile::unread`]: no reader can forget to hand it on.
    pub(super) fn next<T: Send>(&mut self, work: impl Fn(&[u8]) -> T + Sync) -> Option<Vec<T>> {
        let results = self.fold(Vec::new, |done, text| done.push(work(text)))?;
        Some(results.into_iter().flatten().collect())
    }

    /// As [`Waves::next`], the blocks of a region one after the other into one state.
    pub(super) fn fold<S: Send>(
        &mut self,
        start: impl Fn() -> S + Sync,
        step: impl Fn(&mut S, &[u8]) + Sync,
    ) -> Option<Vec<S>> {
        let lost = &*self.lost;
        self.buffers.resize_with(WAVE, Vec::new);
        match &mut self.input {
            Input::Positioned { file, len, next } => {
                if *next >= *len {
                    return None;
                }
                let (file, len, first) = (&*file, *len, *next);
                *next = first.saturating_add(REGION * WAVE as u64);
                let read = |(index, buffer): (usize, &mut Vec<u8>)| {
                    let mut state = start();
                    let begin = first + index as u64 * REGION;
                    if begin < len
                        && let Err(error) =
                            region(file, begin..len, lost, buffer, &mut |text| step(&mut state, text))
                    {
                        lost.damaged(&error);
                    }
                    state
                };
                Some(self.buffers.par_iter_mut().enumerate().map(read).collect())
            }
            Input::Streamed { blocks } => {
                let mut filled = 0;
                for buffer in &mut self.buffers {
                    match blocks.recv() {
                        Ok(Ok(block)) => {
                            *buffer = block;
                            filled += 1;
                        }
                        Ok(Err(error)) => {
                            lost.damaged(&error);
                            break;
                        }
                        Err(_) => break,
                    }
                }
                if filled == 0 {
                    return None;
                }
                let read = |text: &Vec<u8>| {
                    let mut state = start();
                    step(&mut state, text);
                    state
                };
                Some(self.buffers[..filled].par_iter().map(read).collect())
            }
        }
    }
}

/// Hands on the lines that begin in the first `REGION` bytes of `text`, in blocks of
/// whole lines. `text` ends where the file ended at opening.
#[cfg(unix)]
fn region(
    file: &File,
    text: std::ops::Range<u64>,
    lost: &Lost,
    buffer: &mut Vec<u8>,
    step: &mut dyn FnMut(&[u8]),
) -> io::Result<()> {
    let (start, len) = (text.start, text.end);
    let end = start + REGION;
    // The byte before shows whether a line begins at `start`.
    let mut at = start.saturating_sub(1);
    let (mut inside, mut have) = (start == 0, 0);
    while at < len {
        let want = if at < end { PIECE.min(end - at + TAIL) } else { TAIL.max(have as u64) };
        match piece(file, at, want.min(len - at) as usize, buffer, have)? {
            0 => {
                lost.ended_early(len - at);
                break;
            }
            got => (have, at) = (have + got, at + got as u64),
        }
        let mut begin = 0;
        if !inside {
            let Some(newline) = memchr::memchr(b'\n', &buffer[..have]) else {
                // No line begins in this region.
                if at >= end {
                    return Ok(());
                }
                have = 0;
                continue;
            };
            begin = newline + 1;
            if at - (have - begin) as u64 >= end {
                return Ok(());
            }
            inside = true;
        }
        match lines_end(&buffer[..have], begin, at, end) {
            Some(whole) => {
                step(&buffer[begin..whole]);
                if at >= end {
                    return Ok(());
                }
                buffer.copy_within(whole..have, 0);
                have -= whole;
            }
            None if at >= end && have as u64 > LONGEST_LINE => {
                step(&buffer[begin..have]);
                return Ok(());
            }
            None => {
                buffer.copy_within(begin..have, 0);
                have -= begin;
            }
        }
    }
    if inside && have > 0 {
        step(&buffer[..have]);
    }
    Ok(())
}

/// Reads up to `want` bytes at a position behind the `have` that the buffer holds; 0 at the end.
#[cfg(unix)]
fn piece(file: &File, at: u64, want: usize, buffer: &mut Vec<u8>, have: usize) -> io::Result<usize> {
    use std::os::unix::fs::FileExt;
    if buffer.len() < have + want {
        buffer.resize(have + want, 0);
    }
    loop {
        match file.read_at(&mut buffer[have..have + want], at) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

/// Where the region's whole lines end in what is held, which reaches to `at` in the file.
#[cfg(unix)]
fn lines_end(held: &[u8], begin: usize, at: u64, end: u64) -> Option<usize> {
    if at < end {
        return memchr::memrchr(b'\n', &held[begin..]).map(|newline| begin + newline + 1);
    }
    // Our last line ends with the first newline at the last byte or after it.
    let last = (held.len() as u64).saturating_sub(at - (end - 1)) as usize;
    let last = last.clamp(begin, held.len());
    memchr::memchr(b'\n', &held[last..]).map(|newline| last + newline + 1)
}

#[cfg(not(unix))]
fn region(
    _: &File,
    _: std::ops::Range<u64>,
    _: &Lost,
    _: &mut Vec<u8>,
    _: &mut dyn FnMut(&[u8]),
) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Sends blocks of whole lines until the reader ends or nobody listens.
fn stream(mut reader: impl Read, mut send: impl FnMut(io::Result<Vec<u8>>) -> bool) {
    let mut carry: Vec<u8> = Vec::new();
    loop {
        let mut block = std::mem::take(&mut carry);
        let want = REGION.max(block.len() as u64 / 2) as usize;
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
        let mut waves =
            Waves::new(Input::Positioned { file, len: text.len() as u64, next: 0 }, Arc::default());
        let (send, blocks) = sync_channel(1000);
        stream(&text[..], |block| send.send(block).is_ok());
        drop(send);
        let mut streamed = Waves::new(Input::Streamed { blocks }, Arc::default());
        for waves in [&mut waves, &mut streamed] {
            let mut all: Vec<u8> = Vec::new();
            while let Some(blocks) = waves.next(<[u8]>::to_vec) {
                for block in blocks {
                    all.extend(block);
                    assert!(all.last().is_some_and(|last| *last == b'\n') || all.len() == text.len());
                }
            }
            assert!(all.split(|b| *b == b'\n').eq(want.iter().copied()));
        }
    }
}
