//! Hints about mistakes with the outer shell's quoting.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ffi::OsString;

/// Returns hints about arguments that the outer shell expanded to nothing, or that no shell has expanded. The command
/// runs anyway.
pub fn quoting_mistakes<'a>(command: &[OsString], injected: impl Iterator<Item = Cow<'a, str>>) -> Vec<String> {
    let arguments = || command.iter().enumerate().skip(1);
    let mut hints = Vec::new();
    if let Some((number, _)) = arguments().find(|(_, argument)| argument.is_empty()) {
        hints.push(format!(
            "argument {number} of the command is empty: a variable that your shell expanded? Let the command's own shell do it: vault exec --command '... \"$NAME\" ...'"
        ));
    }
    if !arguments().any(|(_, argument)| argument.to_str().is_some_and(|text| text.starts_with('$'))) {
        return hints;
    }
    let injected: HashSet<Cow<'_, str>> = injected.collect();
    let literal = |argument: &OsString| {
        let name = argument.to_str()?.strip_prefix('$')?;
        let name = name.strip_prefix('{').and_then(|name| name.strip_suffix('}')).unwrap_or(name);
        injected.contains(name).then(|| name.to_owned())
    };
    if let Some(name) = arguments().find_map(|(_, argument)| literal(argument)) {
        hints.push(format!("no shell expands ${name} here: vault exec --command '... \"${name}\" ...'"));
    }
    hints
}
