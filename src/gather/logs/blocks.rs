//! Cuts logs into blocks of whole lines. A plain file is read by position, so
//! that each worker reads its own region; packed ones come in a stream.

use std::fs::File;
use std::io::{self, Read};
use std::sync::mpsc::{Receiver, sync_channel};

use rayon::prelude::*;

use super::open::{LogError, LogFile, Packing};

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
}

enum Input {
    Positioned { file: File, len: u64, next: u64 },
    Streamed { blocks: Receiver<io::Result<Vec<u8>>> },
}

/// What the regions of a wave came to, in order, and what stopped the reading.
pub(super) type Results<T> = (Vec<T>, Option<io::Error>);

impl Waves {
    pub(super) fn of(log: &LogFile) -> Result<Waves, LogError> {
        let unreadable = |source| LogError::Unreadable { file: log.name.clone(), source };
        if log.packing == Packing::Plain && !log.wide && cfg!(unix) {
            let file = log.file().map_err(unreadable)?;
            return Ok(Waves::new(Input::Positioned { file, len: log.len, next: 0 }));
        }
        let reader = log.unpacked().map_err(unreadable)?;
        let (send, blocks) = sync_channel(WAVE);
        std::thread::spawn(move || stream(reader, |block| send.send(block).is_ok()));
        Ok(Waves::new(Input::Streamed { blocks }))
    }

    fn new(input: Input) -> Waves {
        Waves { input, buffers: Vec::new() }
    }

    /// Runs `work` on each block of the next wave, in parallel; the results are
    /// in the order of the blocks. `None` at the end.
    pub(super) fn next<T: Send>(&mut self, work: impl Fn(&[u8]) -> T + Sync) -> Option<Results<T>> {
        let (results, error) = self.fold(Vec::new, |done, text| done.push(work(text)))?;
        Some((results.into_iter().flatten().collect(), error))
    }

    /// As [`Waves::next`], the blocks of a region one after the other into one state.
    pub(super) fn fold<S: Send>(
        &mut self,
        start: impl Fn() -> S + Sync,
        step: impl Fn(&mut S, &[u8]) + Sync,
    ) -> Option<Results<S>> {
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
                    let failed = match begin < len {
                        true => region(file, begin, len, buffer, &mut |text| step(&mut state, text)).err(),
                        false => None,
                    };
                    (state, failed)
                };
                let results: Vec<(S, Option<io::Error>)> =
                    self.buffers.par_iter_mut().enumerate().map(read).collect();
                let mut error = None;
                let results = results.into_iter().map(|(state, failed)| {
                    error = error.take().or(failed);
                    state
                });
                Some((results.collect(), error))
            }
            Input::Streamed { blocks } => {
                let (mut filled, mut error) = (0, None);
                for buffer in &mut self.buffers {
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
                let read = |text: &Vec<u8>| {
                    let mut state = start();
                    step(&mut state, text);
                    state
                };
                Some((self.buffers[..filled].par_iter().map(read).collect(), error))
            }
        }
    }
}

/// Hands on the lines that begin in `[start, start + REGION)`, in blocks of
/// whole lines. `len` is where the file ends.
#[cfg(unix)]
fn region(
    file: &File,
    start: u64,
    len: u64,
    buffer: &mut Vec<u8>,
    step: &mut dyn FnMut(&[u8]),
) -> io::Result<()> {
    use std::os::unix::fs::FileExt;
    let end = start + REGION;
    // The byte before shows whether a line begins at `start`.
    let mut at = start.saturating_sub(1);
    let mut inside = start == 0;
    let mut have = 0;
    while at < len {
        let want = if at < end { PIECE.min(end - at + TAIL) } else { TAIL.max(have as u64) };
        let want = want.min(len - at) as usize;
        if buffer.len() < have + want {
            buffer.resize(have + want, 0);
        }
        let got = match file.read_at(&mut buffer[have..have + want], at) {
            Ok(0) => break,
            Ok(got) => got,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        have += got;
        at += got as u64;
        let mut begin = 0;
        if !inside {
            match memchr::memchr(b'\n', &buffer[..have]) {
                // No line begins in this region.
                None if at >= end => return Ok(()),
                None => {
                    have = 0;
                    continue;
                }
                Some(newline) => begin = newline + 1,
            }
            if at - (have - begin) as u64 >= end {
                return Ok(());
            }
            inside = true;
        }
        let whole = if at >= end {
            // Our last line ends with the first newline at the last byte or after it.
            let last = (have as u64).saturating_sub(at - (end - 1)) as usize;
            let last = last.clamp(begin, have);
            memchr::memchr(b'\n', &buffer[last..have]).map(|newline| last + newline + 1)
        } else {
            memchr::memrchr(b'\n', &buffer[begin..have]).map(|newline| begin + newline + 1)
        };
        match whole {
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

#[cfg(not(unix))]
fn region(_: &File, _: u64, _: u64, _: &mut Vec<u8>, _: &mut dyn FnMut(&[u8])) -> io::Result<()> {
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
        let mut waves = Waves::new(Input::Positioned { file, len: text.len() as u64, next: 0 });
        let (send, blocks) = sync_channel(1000);
        stream(&text[..], |block| send.send(block).is_ok());
        drop(send);
        let mut streamed = Waves::new(Input::Streamed { blocks });
        for waves in [&mut waves, &mut streamed] {
            let mut all: Vec<u8> = Vec::new();
            while let Some((blocks, error)) = waves.next(<[u8]>::to_vec) {
                assert!(error.is_none());
                for block in blocks {
                    all.extend(block);
                    assert!(all.last().is_some_and(|last| *last == b'\n') || all.len() == text.len());
                }
            }
            assert!(all.split(|b| *b == b'\n').eq(want.iter().copied()));
        }
    }
}
