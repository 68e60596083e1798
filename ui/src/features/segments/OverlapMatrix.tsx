/** How many of each segment are in each other one; a cell leads to the people in both. */
import { useTranslation } from "react-i18next";
import { TextLink } from "@/design/Link";
import { useFormat } from "@/design/useFormat";
import { ruleOf } from "./model/upset";
import classes from "./overlap.module.css";

interface Props {
  slugs: readonly string[];
  both: (a: string, b: string) => number;
  nameOf: (slug: string) => string;
  subject: string;
}

export function OverlapMatrix({ slugs, both, nameOf, subject }: Props) {
  const { t } = useTranslation("segments");
  const format = useFormat();
  return (
    <div className={classes.scroll} tabIndex={0} role="region" aria-label={t("overlap.matrix")}>
      <table className={classes.matrix} aria-label={t("overlap.matrix")}>
        <thead>
          <tr>
            <th scope="col">{t("overlap.of")}</th>
            {slugs.map((slug) => (
              <th key={slug} scope="col">
                {nameOf(slug)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {slugs.map((row) => (
            <tr key={row}>
              <th scope="row">{nameOf(row)}</th>
              {slugs.map((column) => {
                const size = both(row, column);
                const share = both(row, row) === 0 ? 0 : size / both(row, row);
                if (row === column) {
                  return (
                    <td key={column} data-self>
                      {format.count(size, "people")}
                    </td>
                  );
                }
                return (
                  <td key={column} style={{ "--share": share } as React.CSSProperties}>
                    <TextLink
                      to="/segments/new"
                      search={{ rule: ruleOf([row, column], []), subject }}
                    >
                      {format.percent(share)}
                      <small>{format.count(size, "people")}</small>
                      <span className={classes.hidden}>
                        {t("overlap.cell", { a: nameOf(row), b: nameOf(column) })}
                      </span>
                    </TextLink>
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
