/** Why one person is in, or what is missing: beside the builder, following the rule as it changes. */
import { Anchor } from "@mantine/core";
import { IconCircleCheck, IconCircleX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { RightPanel } from "@/design/RightPanel";
import { Ready } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { type NamedPerson, useWhy, type Why } from "../data";
import type { Catalog } from "../model/catalog";
import type { Envelope } from "../model/json";
import { missingOf } from "../model/missing";
import { Found, Mark, WhyTree } from "./WhyTree";
import classes from "./why.module.css";

interface Props {
  person: NamedPerson;
  envelope: Envelope;
  catalog: Catalog;
  onClose: () => void;
}

export function WhyPanel({ person, envelope, catalog, onClose }: Props) {
  const { t } = useTranslation("rules");
  const query = useWhy(envelope, person.id);
  return (
    <RightPanel
      title={t("why.title")}
      lead={
        <Anchor href={`/customers/${person.id}`} target="_blank" rel="noreferrer" size="sm">
          {[person.display, person.key].filter(Boolean).join(" · ")}
        </Anchor>
      }
      onClose={onClose}
    >
      <Ready query={query} lines={[60, 90, 80, 70]}>
        {(why) => <Answer why={why} catalog={catalog} stale={query.isPlaceholderData} />}
      </Ready>
    </RightPanel>
  );
}

function Answer({ why, catalog, stale }: { why: Why; catalog: Catalog; stale: boolean }) {
  const { t } = useTranslation("rules");
  const format = useFormat();
  const node = why.explanation?.node ?? null;
  const until = why.explanation?.valid_until;
  const Icon = why.truth ? IconCircleCheck : IconCircleX;
  return (
    <div className={classes.answer} data-stale={stale || undefined} aria-busy={stale}>
      <p className={classes.verdict} data-truth={why.truth} role="status">
        <Icon size={20} aria-hidden />
        {t(why.truth ? "why.in" : why.existed ? "why.out" : "why.absent")}
      </p>
      {node && !why.truth && <WhatIsMissing node={node} catalog={catalog} />}
      {node && (
        <section>
          <h3 className={classes.heading}>{t("why.conditions")}</h3>
          <WhyTree node={node} catalog={catalog} />
        </section>
      )}
      <p className="muted">
        {t("preview.asOf", { time: format.dateTime(why.as_of) })}
        {until && ` · ${t("why.until", { time: format.dateTime(until) })}`}
      </p>
    </div>
  );
}

function WhatIsMissing({ node, catalog }: Parameters<typeof WhyTree>[0]) {
  const { t } = useTranslation("rules");
  const { how, wants } = missingOf(node);
  return (
    <section className={classes.missing}>
      <h3 className={classes.heading}>{t(`why.missing.${how}`, { count: wants.length })}</h3>
      <ul className={classes.tree}>
        {wants.map((want) => (
          <li key={want.path} className={classes.node}>
            <div className={classes.row}>
              <Mark truth={false} />
              <div className={classes.words}>
                <span>{want.sentence}</span>
                <Found node={want} catalog={catalog} />
              </div>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
