/**
 * Which combinations of segments people are in: an UpSet plot. Each column is a link to the people
 * behind it, so it reads with a keyboard and a screen reader too; it scrolls sideways within itself.
 */
import { useTranslation } from "react-i18next";
import { TextLink } from "@/design/Link";
import { useFormat } from "@/design/useFormat";
import { type Intersection, layUpset, ruleOf, type UpsetColumn } from "./model/upset";
import classes from "./overlap.module.css";

interface Props {
  sizes: Readonly<Record<string, number>>;
  intersections: readonly Intersection[];
  nameOf: (slug: string) => string;
  subject: string;
}

/** px of one row of dots. */
const ROW = 32;

export function Upset({ sizes, intersections, nameOf, subject }: Props) {
  const { t } = useTranslation("segments");
  const format = useFormat();
  const plot = layUpset(sizes, intersections);
  const all = plot.rows.map((row) => row.slug);
  return (
    <>
      <div className={classes.upset} tabIndex={0} role="region" aria-label={t("overlap.upset")}>
        <div className={classes.sets}>
          <div className={classes.corner}>{t("overlap.size")}</div>
          {plot.rows.map((row) => (
            <div key={row.slug} className={classes.set} style={{ height: ROW }}>
              <span className={classes.setName} title={nameOf(row.slug)}>
                {nameOf(row.slug)}
              </span>
              <span className={classes.setSize}>
                <span
                  className={classes.setBar}
                  style={{ width: `${row.share * 100}%` }}
                  aria-hidden
                />
                <span className="tabular">{format.count(row.size, "people")}</span>
              </span>
            </div>
          ))}
        </div>
        <ol className={classes.columns}>
          {plot.columns.map((column) => (
            <li key={column.slugs.join(",")}>
              <TextLink
                to="/segments/new"
                search={{ rule: ruleOf(column.slugs, all), subject }}
                className={classes.column}
                underline="never"
                aria-label={t(
                  column.slugs.length === all.length ? "overlap.inAll" : "overlap.inOnly",
                  {
                    names: column.slugs.map(nameOf).join(t("comma")),
                    people: format.count(column.size, "people"),
                  },
                )}
              >
                <ColumnPicture column={column} size={format.number(column.size)} />
              </TextLink>
            </li>
          ))}
        </ol>
      </div>
      {plot.columns.length === 0 && <p className="muted">{t("overlap.nobody")}</p>}
      {plot.hidden > 0 && <p className="muted">{t("overlap.hidden", { count: plot.hidden })}</p>}
    </>
  );
}

function ColumnPicture({ column, size }: { column: UpsetColumn; size: string }) {
  return (
    <>
      <span className={classes.barBox}>
        <span className={classes.barNumber}>{size}</span>
        <span className={classes.columnBar} style={{ height: `${column.share * 100}%` }} />
      </span>
      <span className={classes.dots}>
        {column.from < column.to && (
          <span
            className={classes.join}
            style={{ top: (column.from + 0.5) * ROW, height: (column.to - column.from) * ROW }}
          />
        )}
        {column.marks.map((on, index) => (
          <span key={index} className={classes.dotBox} style={{ height: ROW }}>
            <span className={classes.dot} data-on={on || undefined} />
          </span>
        ))}
      </span>
    </>
  );
}
