//! What the standard library asks of the compiler's runtime, to unwind the stack or to show it. This program ends where it
//! panics (`panic = "abort"`) and carries no tables to unwind by (`build.rs`), so there is nothing to answer, and the
//! library that would answer is not loaded at each start: with the C library's mathematics, which nothing here needs
//! either, that was a twentieth of a warm `exec`.
//!
//! The names and what they answer are those of the Itanium C++ ABI, "Exception Handling".
#![allow(unsafe_code, reason = "the standard library looks for these by their names")]

use std::ffi::{c_int, c_void};

/// There are no more frames (`_URC_END_OF_STACK`).
const END_OF_STACK: c_int = 5;

/// Walks up no stack.
// SAFETY: no other function of this program has the name.
#[unsafe(no_mangle)]
extern "C" fn _Unwind_Backtrace(_: *const c_void, _: *const c_void) -> c_int {
    END_OF_STACK
}

/// Never called: nothing begins to unwind.
// SAFETY: as above.
#[unsafe(no_mangle)]
extern "C" fn _Unwind_Resume(_: *const c_void) -> ! {
    std::process::abort()
}

/// Questions about a frame, which nobody asks without one.
macro_rules! of_no_frame {
    ($($name:ident),*) => {
        $(
            // SAFETY: as above.
            #[unsafe(no_mangle)]
            extern "C" fn $name(_: *const c_void) -> usize {
                0
            }
        )*
    };
}

of_no_frame!(
    _Unwind_GetDataRelBase,
    _Unwind_GetIP,
    _Unwind_GetLanguageSpecificData,
    _Unwind_GetRegionStart,
    _Unwind_GetTextRelBase
);

/// The place in a frame that there is none of.
// SAFETY: as above. Whoever calls this passes a place for the answer, which zero need not be written to.
#[unsafe(no_mangle)]
extern "C" fn _Unwind_GetIPInfo(_: *const c_void, _: *mut c_int) -> usize {
    0
}

/// Changes no frame.
// SAFETY: as above.
#[unsafe(no_mangle)]
extern "C" fn _Unwind_SetGR(_: *const c_void, _: c_int, _: usize) {}

/// Changes no frame.
// SAFETY: as above.
#[unsafe(no_mangle)]
extern "C" fn _Unwind_SetIP(_: *const c_void, _: usize) {}
