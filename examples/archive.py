"""From a question to the archive to headers with the best references: here of a simulated archive that this program
serves to itself. Without ``server`` the same calls ask MAST and CRDS."""

import firstlight

firstlight.archive.simulate("archive", overwrite=True)

with firstlight.archive.serve("archive") as archive:
    observations = firstlight.mast.ObservationsClass(server=archive.url)
    visit = observations.query_criteria(obs_id="JSIM11*", filters="F165LP")
    print(visit["obs_id", "filters", "t_exptime"])

    products = observations.get_product_list(visit)
    manifest = observations.download_products(
        products, productSubGroupDescription=["RAW", "ASN"], extension="fits", flat=True, download_dir="visit"
    )
    assert set(manifest["Status"]) == {"COMPLETE"}

    references = firstlight.bestrefs("visit/*_raw.fits", update=True, sync=True, server=archive.url, cache="crds_cache")
    print(references.table["keyword", "old", "new"])

print(firstlight.getval("visit/jsim11ctq_raw.fits", "DARKFILE"))
