//! Tables of traps, and options that make no sense.

use crate::made::{scene, traps};
use firstlight_calibrate::Error;
use firstlight_calibrate::acs::acscte::{
    ChargeTransferOptions, Register, TrapTable, correct_image, forward_image,
};
use firstlight_frame::Image;
use firstlight_frame::fits::{Column, Table};

#[test]
fn trap_tables_are_read_and_nonsense_is_refused() {
    let columns = || {
        vec![
            Column::f64("Q", vec![10.0, 100.0]),
            Column::f64("AMOUNT", vec![1.0, 2.0]),
        ]
    };
    let table = |more: Vec<Column>| {
        let mut table = Table::new();
        columns()
            .into_iter()
            .chain(more)
            .for_each(|column| table.push(column).unwrap());
        table
    };
    let scalars = table(vec![
        Column::f64("RELEASE_1", vec![0.5, 0.4]),
        Column::f64("RELEASE_2", vec![0.2, 0.1]),
    ]);
    let data = firstlight_frame::fits::ColumnData::F64(vec![0.5, 0.2, 0.4, 0.1]);
    let arrays = table(vec![Column::array("RELEASE", vec![2], data).unwrap()]);
    let expected = TrapTable::new([(10.0, 1.0, vec![0.5, 0.2]), (100.0, 2.0, vec![0.4, 0.1])]).unwrap();
    assert_eq!(TrapTable::of_table(&scalars).unwrap(), expected);
    assert_eq!(TrapTable::of_table(&arrays).unwrap(), expected);
    assert!(
        TrapTable::of_table(&table(vec![]))
            .unwrap_err()
            .to_string()
            .contains("RELEASE")
    );

    for levels in [
        vec![],
        vec![(1.0, 1.0, vec![])],
        vec![(f64::NAN, 1.0, vec![0.5])],
        vec![(1.0, -1.0, vec![0.5])],
        vec![(1.0, 1.0, vec![0.5, 0.6])],
        vec![(1.0, 1.0, vec![0.5]), (2.0, 1.0, vec![0.5, 0.1])],
    ] {
        assert!(
            matches!(TrapTable::new(levels.clone()), Err(Error::Traps { .. })),
            "{levels:?}"
        );
    }
    let image = scene(10, 10, 1);
    let refused = |options: ChargeTransferOptions, scales: Option<&[f64]>| {
        let found = forward_image(&image, &traps(), &options, scales);
        assert!(matches!(found, Err(Error::Parameter { .. })), "{found:?}");
    };
    refused(
        ChargeTransferOptions {
            passes: 0,
            ..Default::default()
        },
        None,
    );
    refused(
        ChargeTransferOptions {
            transfers: Some(0),
            ..Default::default()
        },
        None,
    );
    refused(
        ChargeTransferOptions {
            fraction: f64::NAN,
            ..Default::default()
        },
        None,
    );
    refused(ChargeTransferOptions::default(), Some(&[1.0; 9]));
    assert!(correct_image(&image, &traps(), &Default::default(), None, -1.0).is_err());
    let empty = Image::filled(0, 5, 0.0);
    assert_eq!(
        forward_image(&empty, &traps(), &Default::default(), None).unwrap(),
        empty
    );
    assert!("sideways".parse::<Register>().is_err());
}
