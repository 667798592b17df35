//! Secrets that are none: texts which stand where a secret should be.

use super::DEFAULTS;

/// What such texts are made of.
const WORDS: &[&str] = &[
    "placeholder",
    "characters",
    "production",
    "replaceme",
    "password",
    "changeit",
    "changeme",
    "changethis",
    "insecure",
    "replace",
    "example",
    "signing",
    "default",
    "secret",
    "random",
    "please",
    "string",
    "change",
    "least",
    "super",
    "value",
    "chars",
    "token",
    "bams",
    "your",
    "some",
    "this",
    "long",
    "here",
    "with",
    "must",
    "test",
    "key",
    "the",
    "not",
    "my",
];

/// Fewer different characters than this are no secret of 32 characters.
const DIFFERENT: usize = 8;

/// Whether little is left of a text without the words of placeholders, or our documentation has it.
pub(super) fn is_placeholder(text: &str) -> bool {
    let plain: String = text.to_lowercase().chars().filter(|it| it.is_alphanumeric()).collect();
    let rest = WORDS.iter().fold(plain, |rest, word| rest.replace(word, ""));
    let mut characters: Vec<char> = rest.chars().collect();
    characters.sort_unstable();
    characters.dedup();
    characters.len() < DIFFERENT || DEFAULTS.contains(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_known_and_secrets_are_not_taken_for_them() {
        for text in [
            "changemechangemechangemechangeme",
            "CHANGE-ME-CHANGE-ME-CHANGE-ME-CHANGE-ME",
            "your-secret-signing-key-at-least-32-characters",
            "secretsecretsecretsecretsecretsecret",
            "00000000000000000000000000000000",
            "abcabcabcabcabcabcabcabcabcabcabcabc",
            "example-example-example-example-123",
            "Signs local image URLs and tracking links.",
        ] {
            assert!(is_placeholder(text), "{text}");
        }
        for text in [
            "00012345678901234567890123456789e5",
            "0123456789abcdef0123456789abcdef-for-tests-only",
            "b2f1c9d07a6e4f53b2f1c9d07a6e4f53",
            "my-secret-is-Zq8vK2nWx5TyRb7LmP3c",
        ] {
            assert!(!is_placeholder(text), "{text}");
        }
    }
}
