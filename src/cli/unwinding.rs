//! Replaces the functions of the compiler's runtime that unwind or show the stack. This program aborts on a panic
//! (`panic = "abort"`) and has no unwind tables (`build.rs`), so these functions have nothing to do. The library that
//! contains them isn't loaded at each start. Together with the C library's mathematics, which isn't needed either, that
//! took a twentieth of a warm `exec`.
//!
//! The names and return values are defined in the Itanium C++ ABI, "Exception Handling".
#![allow(unsafe_code, reason = "the standard library looks for these by their names")]

use std::ffi::{c_int, c_void};

/// The stack has no more frames (`_URC_END_OF_STACK`).
const END_OF_STACK: c_int = 5;

/// Walks no frames.
// SAFETY: no other function of this program has this name.
#[unsafe(no_mangle)]
extern "C" fn _Unwind_Backtrace(_: *const c_void, _: *const c_void) -> c_int {
    END_OF_STACK
}

/// This is never called, because nothing starts to unwind.
// SAFETY: as above.
#[unsafe(no_mangle)]
extern "C" fn _Unwind_Resume(_: *const c_void) -> ! {
    std::process::abort()
}

/// Defines functions about a frame. Nobody calls them, because there is no frame.
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

/// Returns the position in a frame, which doesn't exist.
// SAFETY: as above. The caller passes a place for a flag, which may stay as it is.
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
