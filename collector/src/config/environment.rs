//! Settings from `FORESIGHT_*` variables.
//!
//! In: a variable's name and text. Out: an entry of the settings' table, typed as the default of its
//! key is. A variable that is no setting is passed over with a warning, never a refusal: container
//! platforms invent some.

use toml::{Table, Value};

use super::{Config, ConfigError};

/// The prefix of settings in the environment.
pub(super) const PREFIX: &str = "FORESIGHT_";

/// Variables with the prefix that are not settings: they steer the command line and the tests.
const OTHER_VARIABLES: [&str; 4] = ["CONFIG", "LOG", "BIN", "SCREENSHOTS"];

impl Config {
    /// The names among `variables` that look like settings and are none.
    #[must_use]
    pub fn unknown_variables(variables: impl Iterator<Item = String>) -> Vec<String> {
        // Plain data: it always becomes a table.
        let defaults = Table::try_from(Self::default()).unwrap_or_default();
        let is_known = |name: &str| {
            defaults.contains_key(&name.to_ascii_lowercase()) || is_other_variable(name)
        };
        variables
            .filter(|name| {
                name.strip_prefix(PREFIX)
                    .is_some_and(|name| !is_known(name))
            })
            .collect()
    }
}

fn is_other_variable(name: &str) -> bool {
    OTHER_VARIABLES.contains(&name) || name.starts_with("TEST_")
}

/// Puts a variable into the table, typed as the default of its key is.
pub(super) fn read_variable(
    table: &mut Table,
    name: &str,
    text: String,
) -> Result<(), ConfigError> {
    let key = name.to_ascii_lowercase();
    let defaults = Table::try_from(Config::default()).map_err(|cause| ConfigError::Variable {
        name: name.to_owned(),
        rule: cause.to_string(),
    })?;
    let refuse = |rule: &str| ConfigError::Variable {
        name: name.to_owned(),
        rule: rule.to_owned(),
    };
    let value = match defaults.get(&key) {
        Some(Value::Integer(_)) => {
            Value::Integer(text.parse().map_err(|_| refuse("must be a whole number"))?)
        }
        Some(Value::Float(_)) => {
            Value::Float(text.parse().map_err(|_| refuse("must be a number"))?)
        }
        Some(Value::Boolean(_)) => {
            Value::Boolean(text.parse().map_err(|_| refuse("must be true or false"))?)
        }
        Some(Value::Array(_)) => Value::Array(
            text.split(',')
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .map(|part| Value::String(part.to_owned()))
                .collect(),
        ),
        Some(_) => Value::String(text),
        None => {
            // Not refused: container platforms invent variables such as FORESIGHT_PORT.
            if !is_other_variable(name) {
                tracing::warn!("environment variable {PREFIX}{name} is not a setting; ignored");
            }
            return Ok(());
        }
    };
    table.insert(key, value.clone());
    // Tried at once, so that the message can name the variable.
    let mut alone = Table::new();
    alone.insert(name.to_ascii_lowercase(), value);
    match Config::try_from_table(alone) {
        Ok(_) => Ok(()),
        Err(cause) => Err(refuse(cause.message())),
    }
}

impl Config {
    fn try_from_table(table: Table) -> Result<Self, toml::de::Error> {
        table.try_into()
    }
}
