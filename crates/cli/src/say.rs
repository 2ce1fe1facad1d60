//! What the program says on standard output.

use std::fmt::Arguments;
use std::io::Write;

/// Prints a line. Where nobody reads any more (`| head -1`) it is lost, and the work goes on to its exit code.
#[doc(hidden)]
pub fn line(text: Arguments<'_>) {
    // A closed pipe has nothing to say to us, nor we to it.
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// `println!` that outlives its reader; clippy refuses the other one in this crate.
#[macro_export]
macro_rules! say {
    ($($text:tt)*) => { $crate::say::line(format_args!($($text)*)) };
}
