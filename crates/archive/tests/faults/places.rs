//! The CRDS cache: where it is, and how it is laid out.

use std::path::Path;

use firstlight_archive::crds::{Cache, Layout};
use firstlight_archive::{Environment, Error};

#[test]
fn the_cache_is_where_the_variables_say() {
    let of = |pairs: &[(&str, &str)]| {
        Cache::from_environment(&pairs.iter().map(|(name, value)| (*name, *value)).collect(), None).unwrap()
    };
    let cache = of(&[("CRDS_PATH", "/a/"), ("HOME", "/home/me")]);
    assert_eq!(cache.mappings(), Path::new("/a/mappings/hst"));
    assert_eq!(
        cache.reference_path("jref$a1j_bia.fits").unwrap(),
        Path::new("/a/references/hst/acs/a1j_bia.fits")
    );
    assert!(cache.origin().contains("CRDS_PATH says"), "{}", cache.origin());
    let cache = of(&[
        ("CRDS_PATH", "/a"),
        ("CRDS_PATH_SINGLE", "/b"),
        ("CRDS_MAPPATH", "/c"),
        ("CRDS_REFPATH_SINGLE", "/d"),
    ]);
    assert_eq!(cache.mappings(), Path::new("/c/hst"));
    assert_eq!(cache.references(), Path::new("/d"));
    assert_eq!(cache.config(), Path::new("/b/config"));
    #[cfg(unix)]
    {
        let cache = of(&[("HOME", "/home/me")]);
        assert_eq!(
            cache.mappings(),
            Path::new("/home/me/.cache/firstlight/crds/mappings/hst")
        );
        assert!(
            cache.origin().contains("CRDS_PATH is not set"),
            "{}",
            cache.origin()
        );
        let cache = of(&[("HOME", "/home/me"), ("XDG_CACHE_HOME", "/x")]);
        assert_eq!(cache.config(), Path::new("/x/firstlight/crds/config/hst"));
    }
    let root = Cache::from_environment(
        &Environment::default().with("CRDS_PATH", "/a"),
        Some(Path::new("/r")),
    )
    .unwrap();
    assert_eq!(root.config(), Path::new("/r/config/hst"));
    let other = Environment::default()
        .with("CRDS_PATH", "/a")
        .with("CRDS_OBSERVATORY", "jwst");
    assert!(matches!(
        Cache::from_environment(&other, None),
        Err(Error::BadVariable { .. })
    ));
    let wrong = Environment::default()
        .with("CRDS_PATH", "/a")
        .with("CRDS_READONLY_CACHE", "perhaps");
    assert!(matches!(
        Cache::from_environment(&wrong, None),
        Err(Error::BadVariable { .. })
    ));
}

#[test]
fn layouts_are_those_that_the_cache_has() {
    let folder = tempfile::tempdir().unwrap();
    let environment = Environment::default()
        .with("CRDS_PATH", folder.path().to_str().unwrap())
        .with("jref", "/j/");
    let cache = || Cache::from_environment(&environment, None);
    let references = folder.path().join("references/hst");
    std::fs::create_dir_all(&references).unwrap();
    for i in 0..21 {
        assert_eq!(cache().unwrap().layout(), Layout::Instrument);
        std::fs::write(references.join(format!("{i}j_bia.fits")), b"").unwrap();
    }
    assert_eq!(cache().unwrap().layout(), Layout::Flat);
    assert_eq!(
        cache().unwrap().reference_path("1j_bia.fits").unwrap(),
        references.join("1j_bia.fits")
    );
    let config = folder.path().join("config/hst");
    std::fs::create_dir_all(&config).unwrap();
    std::fs::write(config.join("ref_cache_subdir_mode"), "legacy\n").unwrap();
    assert_eq!(
        cache().unwrap().reference_path("1j_bia.fits").unwrap(),
        Path::new("/j/1j_bia.fits")
    );
    assert!(matches!(
        cache().unwrap().reference_path("1o_bia.fits"),
        Err(Error::BadVariable { .. })
    ));
    std::fs::write(config.join("ref_cache_subdir_mode"), "heap").unwrap();
    assert!(matches!(cache(), Err(Error::BadFile { .. })));
}
