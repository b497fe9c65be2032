//! The ratios as a picture: bars on a logarithmic scale, so that 1.1 and 400 are seen alike.

use std::path::Path;

use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::Result;

/// One workload with the ratio of each contender that takes part in it.
pub struct Group {
    pub title: String,
    pub bars: Vec<Option<f64>>,
}

const WIDTH: u32 = 900;
const BAR: u32 = 9;
const GAP: u32 = 10;
const TOP: u32 = 74;
const BOTTOM: u32 = 40;
const LEFT: i32 = 230;

/// Those of the peers; Sinew's stands out.
const COLOURS: [RGBColor; 7] = [
    RGBColor(0x4e, 0x79, 0xa7),
    RGBColor(0x76, 0xb7, 0xb2),
    RGBColor(0x9c, 0x75, 0x5f),
    RGBColor(0xed, 0xc9, 0x48),
    RGBColor(0xb0, 0x7a, 0xa1),
    RGBColor(0x8c, 0x8c, 0x8c),
    RGBColor(0xff, 0x9d, 0xa7),
];
const SINEW: RGBColor = RGBColor(0xd6, 0x27, 0x28);

type Chart<'a, 'b> = ChartContext<
    'a,
    SVGBackend<'b>,
    Cartesian2d<plotters::coord::combinators::LogCoord<f64>, RangedCoordf64>,
>;

/// Writes the picture.
pub fn write(path: &Path, title: &str, names: &[&str], groups: &[Group]) -> Result<()> {
    let bars = names.len() as u32;
    let height = TOP + BOTTOM + groups.len() as u32 * (bars * BAR + GAP);
    let root = SVGBackend::new(path, (WIDTH, height)).into_drawing_area();
    root.fill(&WHITE)?;
    let bold = ("sans-serif", 17).into_font().style(FontStyle::Bold);
    root.draw_text(title, &bold.color(&BLACK), (12, 10))?;
    legend(&root, names)?;
    let ratios = groups.iter().flat_map(|group| group.bars.iter().flatten());
    let most = ratios.clone().copied().fold(10.0, f64::max) * 1.7;
    let least = ratios.copied().fold(0.9, f64::min) * 0.9;
    let mut chart = ChartBuilder::on(&root)
        .margin_top(TOP)
        .margin_right(16)
        .x_label_area_size(BOTTOM)
        .y_label_area_size(LEFT)
        .build_cartesian_2d(
            (least..most).log_scale(),
            f64::from(groups.len() as u32)..0.0,
        )?;
    chart
        .configure_mesh()
        .disable_y_mesh()
        .disable_y_axis()
        .light_line_style(RGBColor(0xee, 0xee, 0xee))
        .bold_line_style(RGBColor(0xcc, 0xcc, 0xcc))
        .x_desc("ratio to the hand-written driver (1 is the limit; logarithmic)")
        .x_label_formatter(&|ratio| format!("{ratio}"))
        .draw()?;
    for (at, group) in groups.iter().enumerate() {
        draw(&root, &chart, names, (at, group))?;
    }
    let limit = [(1.0, 0.0), (1.0, groups.len() as f64)];
    chart.draw_series(LineSeries::new(limit, BLACK.stroke_width(1)))?;
    root.present()?;
    Ok(())
}

fn colour(names: &[&str], at: usize) -> RGBColor {
    if names[at] == "sinew" {
        SINEW
    } else {
        COLOURS[at % COLOURS.len()]
    }
}

fn legend(
    root: &DrawingArea<SVGBackend<'_>, plotters::coord::Shift>,
    names: &[&str],
) -> Result<()> {
    let mut x = 12;
    for (at, name) in names.iter().enumerate() {
        let square = Rectangle::new([(x, 44), (x + 12, 56)], colour(names, at).filled());
        root.draw(&square)?;
        let style = ("sans-serif", 13).into_font().color(&BLACK);
        root.draw_text(name, &style, (x + 17, 43))?;
        x += 40 + name.len() as i32 * 8;
    }
    Ok(())
}

/// The bars of one workload, each with its figure.
fn draw(
    root: &DrawingArea<SVGBackend<'_>, plotters::coord::Shift>,
    chart: &Chart<'_, '_>,
    names: &[&str],
    (at, group): (usize, &Group),
) -> Result<()> {
    let area = chart.plotting_area();
    let (one, top) = area.map_coordinate(&(1.0, at as f64));
    let (_, bottom) = area.map_coordinate(&(1.0, at as f64 + 1.0));
    let right = Pos::new(HPos::Right, VPos::Center);
    let style = ("sans-serif", 13).into_font().color(&BLACK).pos(right);
    let middle = (top + bottom) / 2;
    root.draw_text(&group.title, &style, (LEFT - 10, middle))?;
    let left = Pos::new(HPos::Left, VPos::Center);
    for (bar, ratio) in group.bars.iter().enumerate() {
        let y = top + GAP as i32 / 2 + bar as i32 * BAR as i32;
        let Some(ratio) = ratio else {
            continue;
        };
        let (end, _) = area.map_coordinate(&(*ratio, at as f64));
        let fill = colour(names, bar).filled();
        let corners = [(one, y), (end, y + BAR as i32 - 1)];
        root.draw(&Rectangle::new(corners, fill))?;
        let figure = if *ratio < 10.0 {
            format!("{ratio:.2}")
        } else {
            format!("{ratio:.0}")
        };
        let style = ("sans-serif", 9).into_font().color(&BLACK).pos(left);
        root.draw_text(&figure, &style, (end.max(one) + 4, y + BAR as i32 / 2))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ratio_is_a_bar_with_its_figure() {
        let names = ["diesel", "sea-orm", "toasty", "sinew"];
        let group = |title: &str, bars: [Option<f64>; 4]| Group {
            title: title.into(),
            bars: bars.to_vec(),
        };
        let groups = [
            group(
                "W1 find by key",
                [Some(5.08), Some(14.4), Some(4.5), Some(1.41)],
            ),
            group(
                "W7 belongs-to 10,000 to 1,000",
                [Some(1.5), Some(10.8), Some(376.2), Some(1.25)],
            ),
            group(
                "W15 stream 1,000,000 rows",
                [Some(1.67), Some(6.1), None, Some(0.95)],
            ),
        ];
        let path = std::env::temp_dir().join(format!("sinew-plot-{}.svg", std::process::id()));
        write(&path, "SQLite: a picture", &names, &groups).unwrap();
        let picture = std::fs::read_to_string(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        for text in [
            "5.08",
            "376",
            "0.95",
            "W7 belongs-to",
            "toasty",
            "SQLite: a picture",
        ] {
            assert!(picture.contains(text), "{text} is missing");
        }
        // The ground, four in the legend, and eleven bars.
        assert_eq!(picture.matches("<rect").count(), 1 + 4 + 11);
    }
}
