//! Rules that select the simulated reference files, in the form of the Calibration Reference Data System.

use super::SimulatedText;
use super::references::{ALL, Reference};
use sha1::{Digest, Sha1};

/// The contexts: the first with which the exposures were calibrated, and the newest.
pub const CONTEXTS: [&str; 2] = ["hst_0001.pmap", "hst_0002.pmap"];
/// The operational context.
pub const OPERATIONAL: &str = CONTEXTS[1];

/// What selects by detector alone.
const BY_DETECTOR: &str = "(('DETECTOR',), ('DATE-OBS', 'TIME-OBS'))";

/// Fields of a rule's header: name and Python value.
type Fields<'a> = Vec<(&'a str, String)>;

/// All rules, the server's settings and the layout of the references.
pub fn all() -> Vec<SimulatedText> {
    let mut texts = Vec::new();
    for (version, context) in (1..).zip(CONTEXTS) {
        texts.push(pipeline(context, version));
        texts.push(instrument(version));
    }
    for keyword in keywords() {
        texts.push(rule(keyword, 1));
        if ALL
            .iter()
            .any(|reference| reference.keyword == keyword && !reference.first)
        {
            texts.push(rule(keyword, 2));
        }
    }
    texts.push(SimulatedText {
        path: "crds/config/hst/server_config".to_owned(),
        text: server_config(),
    });
    texts.push(SimulatedText {
        path: "crds/config/hst/ref_cache_subdir_mode".to_owned(),
        text: "instrument\n".to_owned(),
    });
    texts
}

/// The keywords that have rules, in alphabetical order.
fn keywords() -> Vec<&'static str> {
    let mut keywords: Vec<&str> = ALL.iter().map(|reference| reference.keyword).collect();
    keywords.sort_unstable();
    keywords.dedup();
    keywords
}

fn quoted(text: &str) -> String {
    format!("'{text}'")
}

/// A rule file: its header's fields in alphabetical order, the SHA-1 of all other lines among them.
fn mapping(name: &str, mut fields: Fields, selector: &str) -> SimulatedText {
    fields.push(("derived_from", quoted("simulated by firstlight")));
    fields.push(("name", quoted(name)));
    fields.push(("observatory", quoted("HST")));
    fields.sort_by_key(|(field, _)| *field);
    let lines = |fields: &[(&str, String)]| -> String {
        fields
            .iter()
            .map(|(field, value)| format!("    '{field}' : {value},\n"))
            .collect()
    };
    let text =
        |fields: &[(&str, String)]| format!("header = {{\n{}}}\n\nselector = {selector}\n", lines(fields));
    let hash = Sha1::digest(text(&fields).as_bytes());
    let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    fields.push(("sha1sum", quoted(&hash)));
    fields.sort_by_key(|(field, _)| *field);
    SimulatedText {
        path: format!("crds/mappings/hst/{name}"),
        text: text(&fields),
    }
}

fn pipeline(context: &str, version: usize) -> SimulatedText {
    let fields = vec![
        ("mapping", quoted("PIPELINE")),
        ("parkey", "('INSTRUME',)".to_owned()),
    ];
    mapping(
        context,
        fields,
        &format!("{{\n    'ACS' : 'hst_acs_{version:04}.imap',\n}}"),
    )
}

fn instrument(version: usize) -> SimulatedText {
    let fields = vec![
        ("instrument", quoted("ACS")),
        ("mapping", quoted("INSTRUMENT")),
        ("parkey", "('REFTYPE',)".to_owned()),
    ];
    let newest = |keyword: &str| {
        let changed = ALL
            .iter()
            .any(|reference| reference.keyword == keyword && !reference.first);
        if changed { version } else { 1 }
    };
    let entry = |keyword: &&str| {
        let kind = keyword.to_lowercase();
        format!("    '{kind}' : 'hst_acs_{kind}_{:04}.rmap',\n", newest(keyword))
    };
    // Biases are no matter of this detector.
    let mut lines: Vec<String> = keywords().iter().map(entry).collect();
    lines.push("    'biasfile' : 'N/A',\n".to_owned());
    lines.sort();
    mapping(
        &format!("hst_acs_{version:04}.imap"),
        fields,
        &format!("{{\n{}}}", lines.concat()),
    )
}

/// The rule of one keyword: the files of the first context, in version 2 also the later ones.
fn rule(keyword: &str, version: usize) -> SimulatedText {
    let kind = keyword.to_lowercase();
    let of_keyword = ALL.iter().filter(|reference| reference.keyword == keyword);
    let files: Vec<&Reference> = of_keyword
        .filter(|reference| reference.first || version > 1)
        .collect();
    let format = if kind.ends_with("tab") { "TABLE" } else { "IMAGE" };
    let mut fields = vec![
        ("filekind", quoted(keyword)),
        ("instrument", quoted("ACS")),
        ("mapping", quoted("REFERENCE")),
        ("reffile_format", quoted(format)),
        ("reffile_required", quoted("YES")),
        ("reffile_switch", quoted(switch(keyword))),
    ];
    let key = match keyword {
        "DARKFILE" => {
            fields.push((
                "parkey",
                "(('DETECTOR', 'CCDAMP', 'CCDGAIN'), ('DATE-OBS', 'TIME-OBS'))".to_owned(),
            ));
            let relevant =
                ["ccdamp", "ccdgain"].map(|key| format!("        '{key}' : '(DETECTOR != \"SBC\")',\n"));
            fields.push(("parkey_relevance", format!("{{\n{}    }}", relevant.concat())));
            "('SBC', 'N/A', 'N/A')"
        }
        "PFLTFILE" => {
            let keys = "'DETECTOR', 'CCDAMP', 'FILTER1', 'FILTER2', 'OBSTYPE'";
            fields.push(("parkey", format!("(({keys}), ('DATE-OBS', 'TIME-OBS'))")));
            let relevant = "{\n        'ccdamp' : '(DETECTOR != \"SBC\")',\n    }";
            fields.push(("parkey_relevance", relevant.to_owned()));
            "('SBC', 'N/A', 'F115LP|F122M|F125LP|F140LP|F150LP|F165LP', 'N/A', 'IMAGING')"
        }
        _ => {
            fields.push(("parkey", BY_DETECTOR.to_owned()));
            "('SBC',)"
        }
    };
    let relevance = files.first().map_or("ALWAYS", |reference| reference.relevance);
    fields.push(("rmap_relevance", quoted(relevance)));
    let entries: String = files
        .iter()
        .map(|reference| format!("        '{}' : '{}',\n", reference.useafter_iso, reference.name))
        .collect();
    let selector = format!("Match({{\n    {key} : UseAfter({{\n{entries}    }}),\n}})");
    mapping(&format!("hst_acs_{kind}_{version:04}.rmap"), fields, &selector)
}

/// The calibration switch of the step that uses a keyword's file.
fn switch(keyword: &str) -> &'static str {
    match keyword {
        "BPIXTAB" => "DQICORR",
        "DARKFILE" => "DARKCORR",
        "IMPHTTAB" => "PHOTCORR",
        "MLINTAB" => "GLINCORR",
        "PFLTFILE" => "FLATCORR",
        _ => "NONE",
    }
}

/// What a client of the official server keeps of its answers, as if it had asked one that is out of reach now.
fn server_config() -> String {
    let nowhere = "http://127.0.0.1:9";
    let folder = |area: &str| format!("{{'hst': '{nowhere}/unchecked_get/{area}/hst/'}}");
    let [first, newest] = CONTEXTS;
    format!(
        "{{'bad_files': '',\n 'bad_files_list': [],\n 'config_url': {},\n 'connected': True,\n \
         'context_history': [['2014-01-01 00:00:00', '{first}', 'simulated'],\n                     \
         ['2015-06-01 00:00:00', '{newest}', 'simulated: a newer dark']],\n \
         'crds_version': {{'str': '14.0.3'}},\n 'edit_context': '{newest}',\n 'force_remote_mode': 0,\n \
         'last_synced': '2015-06-01 00:00:00.000000',\n 'latest_context': '{newest}',\n 'mapping_url': {},\n \
         'mappings': [],\n 'max_bestrefs_per_rpc': 1000,\n 'max_headers_per_rpc': 1000,\n 'observatory': 'hst',\n \
         'operational_context': '{newest}',\n 'reference_url': {},\n 'server': '{nowhere}',\n 'status': 'cache',\n \
         'versions_context': ''}}\n",
        folder("config"),
        folder("mappings"),
        folder("references"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `sha1sum` is the SHA-1 of all lines that do not speak of it, which is how CRDS checks a rule.
    #[test]
    fn checksums_are_those_of_the_other_lines() {
        let rules: Vec<SimulatedText> = all()
            .into_iter()
            .filter(|t| t.path.contains("mappings"))
            .collect();
        assert_eq!(rules.len(), 4 + 6 + 1);
        for rule in rules {
            let (mut others, mut claimed) = (String::new(), String::new());
            for line in rule.text.split_inclusive('\n') {
                if line.contains("sha1sum") {
                    claimed = line.split('\'').nth(3).unwrap_or_default().to_owned();
                } else {
                    others.push_str(line);
                }
            }
            let hash = Sha1::digest(others.as_bytes());
            let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(claimed, hash, "{}", rule.path);
        }
    }

    #[test]
    fn the_newest_context_has_the_newer_dark_alone_besides() {
        let texts = all();
        let text = |name: &str| {
            let found = texts.iter().find(|text| text.path.ends_with(name));
            found.map(|text| text.text.clone()).unwrap_or_default()
        };
        assert!(text("hst_acs_0001.imap").contains("hst_acs_darkfile_0001.rmap"));
        assert!(text("hst_acs_0002.imap").contains("hst_acs_darkfile_0002.rmap"));
        assert!(text("hst_acs_0002.imap").contains("hst_acs_idctab_0001.rmap"));
        assert_eq!(text("hst_acs_darkfile_0001.rmap").matches("_drk.fits").count(), 1);
        assert_eq!(text("hst_acs_darkfile_0002.rmap").matches("_drk.fits").count(), 2);
    }
}
