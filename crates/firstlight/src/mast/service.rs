//! Which service is asked, and how.

use firstlight_archive::Environment;
use firstlight_archive::client::{Client, ClientOptions};
use firstlight_archive::mast::{Mast, SERVER};
use serde::{Deserialize, Serialize};

/// Which service is asked, and how.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "clap", derive(clap::Args))]
pub struct ServiceOptions {
    /// Address of the service, such as `firstlight archive serve` tells one [default: MAST_SERVER_URL where that is
    /// set, else https://mast.stsci.edu]
    #[cfg_attr(feature = "clap", arg(long, value_name = "URL", help_heading = "Service"))]
    pub server: Option<String>,
    /// Never use the network.
    #[cfg_attr(feature = "clap", arg(long, help_heading = "Service"))]
    pub offline: bool,
}

impl ServiceOptions {
    /// The service. Data that are not public yet need the token that `MAST_API_TOKEN` holds.
    pub(super) fn service(&self) -> Mast {
        let environment = Environment::of_process();
        let given = self.server.as_deref().filter(|server| !server.trim().is_empty());
        let server = given
            .or_else(|| environment.get("MAST_SERVER_URL"))
            .unwrap_or(SERVER);
        let options = ClientOptions {
            offline: self.offline,
            ..ClientOptions::default()
        };
        Mast::new(Client::new(options.from_environment(&environment)), server)
    }
}
