//! Opening what somebody else may have to fill: a named pipe waits for its writer, and a name that nobody writes
//! to would wait for ever.

use std::fs::File;
use std::io;
use std::path::Path;

/// The file, open for reading. A named pipe is given [`PATIENCE`] to get a writer.
///
/// # Errors
/// Where it cannot be opened, or nobody opened the pipe for writing in time.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    #[cfg(unix)]
    if std::os::unix::fs::FileTypeExt::is_fifo(&std::fs::metadata(path)?.file_type()) {
        return pipe(path);
    }
    File::open(path)
}

/// What a pipe's writer may take to come.
#[cfg(unix)]
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);

/// Opening blocks until there is a writer, so that a thread of its own does; it ends with the process.
#[cfg(unix)]
fn pipe(path: &Path) -> io::Result<File> {
    let (sender, opened) = std::sync::mpsc::channel();
    let path = path.to_owned();
    std::thread::spawn(move || sender.send(File::open(path)));
    opened.recv_timeout(PATIENCE).unwrap_or_else(|_| {
        let why = format!("a pipe to which nobody wrote for {} s", PATIENCE.as_secs());
        Err(io::Error::new(io::ErrorKind::TimedOut, why))
    })
}
