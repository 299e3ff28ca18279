//! Which service is asked, and how.

use firstlight_archive::Environment;
use firstlight_archive::client::{Client, ClientOptions};
use firstlight_archive::mast::{Mast, SERVER};
use serde::{Deserialize, Serialize};

/// Which service is asked, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct ServiceOptions {
    /// Address of the service: MAST, or what `firstlight archive serve` tells.
    #[cfg_attr(
        feature = "clap",
        arg(long, value_name = "URL", default_value_t = ServiceOptions::default().server, help_heading = "Service")
    )]
    pub server: String,
    /// Never use the network.
    #[cfg_attr(feature = "clap", arg(long, help_heading = "Service"))]
    pub offline: bool,
}

impl Default for ServiceOptions {
    fn default() -> Self {
        Self {
            server: SERVER.to_owned(),
            offline: false,
        }
    }
}

impl ServiceOptions {
    /// The service. Data that are not public yet need the token that `MAST_API_TOKEN` holds.
    pub(super) fn service(&self) -> Mast {
        let options = ClientOptions {
            offline: self.offline,
            ..ClientOptions::default()
        };
        let client = Client::new(options.from_environment(&Environment::of_process()));
        Mast::new(client, &self.server)
    }
}
