/** Two versions of a rule side by side: their sentences, what only one has, whom only one selects. */
import { Anchor } from "@mantine/core";
import { IconMinus, IconPlus } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Ready } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { type Compared, type ComparedSide, type NamedPerson, useCompared } from "../data";
import type { JsonObject } from "../model/json";
import classes from "./compare.module.css";

interface Props {
  /** What the two are called: "version 2", "now". */
  titles: { a: string; b: string };
  a: JsonObject;
  b: JsonObject;
  subject: string | null;
  purpose: string | null;
}

export function RuleCompare({ titles, a, b, subject, purpose }: Props) {
  const query = useCompared(a, b, subject, purpose);
  return (
    <Ready query={query} lines={[90, 80, 60]}>
      {(found) => <ComparedRules found={found} titles={titles} />}
    </Ready>
  );
}

/** What a comparison found, whoever asked for it. */
export function ComparedRules({ found, titles }: { found: Compared; titles: Props["titles"] }) {
  const { t } = useTranslation("rules");
  return (
    <div className={classes.compare}>
      <Overlap found={found} titles={titles} />
      <div className={classes.sides}>
        <Side
          side={found.a}
          title={titles.a}
          people={found.people_only_a}
          total={found.only_a}
          gone
        />
        <Side side={found.b} title={titles.b} people={found.people_only_b} total={found.only_b} />
      </div>
      {found.common.length > 0 && (
        <section>
          <h3 className={classes.heading}>{t("compare.common")}</h3>
          <ul className={classes.parts}>
            {found.common.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

/** How the people of the two overlap, as a bar and as numbers. */
function Overlap({ found, titles }: { found: Compared; titles: Props["titles"] }) {
  const { t } = useTranslation("rules");
  const format = useFormat();
  const total = Math.max(1, found.only_a + found.both + found.only_b);
  const parts = [
    ["only_a", t("compare.only", { title: titles.a })],
    ["both", t("compare.both")],
    ["only_b", t("compare.only", { title: titles.b })],
  ] as const;
  return (
    <div>
      <div className={classes.bar} aria-hidden>
        {parts.map(([name]) => (
          <span key={name} data-part={name} style={{ flexGrow: found[name] / total }} />
        ))}
      </div>
      <dl className={classes.figures}>
        {parts.map(([name, words]) => (
          <div key={name} data-part={name}>
            <dt>{words}</dt>
            <dd className="tabular">{format.count(found[name], "people")}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function Side(props: {
  side: ComparedSide;
  title: string;
  people: readonly NamedPerson[];
  total: number;
  /** What the older version has and the newer lacks. */
  gone?: boolean;
}) {
  const { t } = useTranslation("rules");
  const Icon = props.gone ? IconMinus : IconPlus;
  return (
    <section className={classes.side}>
      <h3 className={classes.heading}>{props.title}</h3>
      <p className={classes.sentence}>{props.side.sentence}</p>
      {props.side.parts.length > 0 && (
        <ul className={classes.parts} data-gone={props.gone || undefined}>
          {props.side.parts.map((part) => (
            <li key={part.path}>
              <Icon size={14} aria-label={t(props.gone ? "compare.gone" : "compare.added")} />
              <span>{part.sentence}</span>
            </li>
          ))}
        </ul>
      )}
      {props.people.length > 0 && (
        <p className={classes.people}>
          {props.people.map((person, index) => (
            <span key={person.id}>
              {index > 0 && t("operand.comma")}
              <Anchor href={`/customers/${person.id}`} target="_blank" rel="noreferrer" size="sm">
                {person.display ?? person.key}
              </Anchor>
            </span>
          ))}
          {props.total > props.people.length && t("compare.more")}
        </p>
      )}
    </section>
  );
}
