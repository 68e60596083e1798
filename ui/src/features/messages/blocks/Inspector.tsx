/** What is picked, in detail: a block, or the mail as a whole. */
import { Button, Select } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Block, EmailBody } from "../model/body";
import { keyAt } from "../model/reading";
import { find } from "../model/tree";
import { Findings } from "../template/Findings";
import type { Check } from "../types";
import { BlockForm } from "./BlockForm";
import classes from "./blocks.module.css";
import { MailForm } from "./MailForm";
import { ThemeForm } from "./ThemeForm";
import type { Blocks } from "./useBlocks";

interface Props {
  body: EmailBody;
  onBody: (body: EmailBody, mark: string) => void;
  blocks: Blocks;
  checks: readonly Check[];
  readOnly: boolean;
}

export function Inspector({ body, onBody, blocks, checks, readOnly }: Props) {
  const { t } = useTranslation("messages");
  const found = blocks.picked === null ? null : find(blocks.blocks, blocks.picked);
  if (!found) {
    const own = checks.filter((one) => keyAt(blocks.blocks, one.path) === null);
    return (
      <section className={classes.inspector} aria-label={t("mail.title")}>
        <h2 className={classes.title}>{t("mail.title")}</h2>
        <Findings checks={own.filter((one) => !one.path.startsWith("fields"))} />
        <MailForm body={body} onChange={onBody} readOnly={readOnly} />
        {!("mjml" in body.design) && (
          <ThemeForm theme={body.design.theme} onChange={blocks.theme} readOnly={readOnly} />
        )}
      </section>
    );
  }
  const { block } = found;
  const kind = t(`block.${block.kind}`);
  return (
    <section className={classes.inspector} aria-label={kind}>
      <div className={classes.titleRow}>
        <h2 className={classes.title}>{kind}</h2>
        <Button
          size="compact-xs"
          variant="subtle"
          leftSection={<IconArrowLeft size={13} aria-hidden />}
          onClick={() => blocks.pick(null)}
        >
          {t("mail.title")}
        </Button>
      </div>
      <Findings checks={checks.filter((one) => keyAt(blocks.blocks, one.path) === block.key)} />
      <BlockForm key={block.key} block={block} onChange={blocks.replace} readOnly={readOnly} />
      <When
        block={block}
        fields={Object.keys(body.fields)}
        onChange={blocks.replace}
        readOnly={readOnly}
      />
    </section>
  );
}

/** Shown only where a field has a value. */
function When(props: {
  block: Block;
  fields: readonly string[];
  onChange: (block: Block) => void;
  readOnly: boolean;
}) {
  const { t } = useTranslation("messages");
  const { block, fields } = props;
  return (
    <Select
      label={t("blocks.when")}
      description={t("blocks.whenText")}
      placeholder={t("blocks.whenAlways")}
      clearable
      readOnly={props.readOnly}
      value={block.when}
      data={block.when && !fields.includes(block.when) ? [...fields, block.when] : [...fields]}
      onChange={(when) => props.onChange({ ...block, when })}
    />
  );
}
