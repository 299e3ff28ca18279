//! Which service is asked, and how.

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
        let token = std::env::var("MAST_API_TOKEN")
            .ok()
            .map(|token| token.trim().to_owned());
        let client = Client::new(ClientOptions {
            offline: self.offline,
            token: token.filter(|token| !token.is_empty()),
            ..ClientOptions::default()
        });
        Mast::new(client, &self.server)
    }
}
