//! Maps that are straight lines between a few nodes.

use crate::Colour;

/// ColorBrewer's RdBu with eleven classes (C. Brewer and M. Harrower, Apache-style licence, see NOTICE).
const RD_BU: [u32; 11] = [
    0x67001f, 0xb2182b, 0xd6604d, 0xf4a582, 0xfddbc7, 0xf7f7f7, 0xd1e5f0, 0x92c5de, 0x4393c3, 0x2166ac,
    0x053061,
];

/// A channel's value at places from 0 to 1.
type Channel<'a> = &'a [(f64, f64)];

/// The entries of a map made from nodes, or `None` for another name. A reversed map is made from reversed nodes,
/// which differs from reversed entries in the last bit of some.
pub fn entries(name: &str, reversed: bool) -> Option<Vec<Colour>> {
    let channels: [Vec<(f64, f64)>; 3] = match name {
        "gray" => std::array::from_fn(|_| vec![(0.0, 0.0), (1.0, 1.0)]),
        "hot" => [
            vec![(0.0, 0.0416), (0.365079, 1.0), (1.0, 1.0)],
            vec![(0.0, 0.0), (0.365079, 0.0), (0.746032, 1.0), (1.0, 1.0)],
            vec![(0.0, 0.0), (0.746032, 0.0), (1.0, 1.0)],
        ],
        "RdBu" => [16, 8, 0].map(|shift| equidistant(&RD_BU, shift)),
        _ => return None,
    };
    let turned = |nodes: Vec<(f64, f64)>| nodes.into_iter().rev().map(|(x, y)| (1.0 - x, y)).collect();
    let channels = if reversed { channels.map(turned) } else { channels };
    Some(interpolate([&channels[0], &channels[1], &channels[2]]))
}

/// One channel of colours at equal steps.
fn equidistant(nodes: &[u32], shift: u32) -> Vec<(f64, f64)> {
    let step = 1.0 / (nodes.len() - 1) as f64;
    let value = |node: &u32| f64::from((node >> shift) & 255) / 255.0;
    nodes
        .iter()
        .enumerate()
        .map(|(n, node)| (n as f64 * step, value(node)))
        .collect()
}

/// 256 entries at equal steps from the first node to the last, cut (not rounded) to 8 bits as matplotlib's
/// images are. The order of the operations is what makes the last bit agree.
fn interpolate(channels: [Channel; 3]) -> Vec<Colour> {
    let at = |nodes: Channel, place: f64| -> u8 {
        let above = nodes
            .partition_point(|node| 255.0 * node.0 < place)
            .clamp(1, nodes.len() - 1);
        let ((x0, y0), (x1, y1)) = (nodes[above - 1], nodes[above]);
        let distance = (place - 255.0 * x0) / (255.0 * x1 - 255.0 * x0);
        ((distance * (y1 - y0) + y0).clamp(0.0, 1.0) * 255.0) as u8
    };
    (0..256)
        .map(|n| {
            let place = 255.0 * (f64::from(n) * (1.0 / 255.0));
            Colour::rgb(
                at(channels[0], place),
                at(channels[1], place),
                at(channels[2], place),
            )
        })
        .collect()
}
