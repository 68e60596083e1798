/** The kinds of blocks there are: clicked they come after what is picked, dragged where they fall. */
import { UnstyledButton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { BLOCK_KINDS, type BlockKind } from "../model/body";
import classes from "./blocks.module.css";
import { BLOCK_ICONS } from "./names";
import type { useBlockDrag } from "./useBlockDrag";

interface Props {
  onAdd: (kind: BlockKind) => void;
  grab: ReturnType<typeof useBlockDrag>["grab"];
}

export function Palette({ onAdd, grab }: Props) {
  const { t } = useTranslation("messages");
  return (
    <section className={classes.palette} aria-label={t("blocks.add")}>
      <h3 className={classes.heading}>{t("blocks.add")}</h3>
      <div className={classes.kinds}>
        {BLOCK_KINDS.map((kind) => {
          const Icon = BLOCK_ICONS[kind];
          return (
            <UnstyledButton
              key={kind}
              className={classes.kind}
              aria-label={t("blocks.addOf", { kind: t(`block.${kind}`) })}
              onClick={() => onAdd(kind)}
              onPointerDown={(event) => grab(event, { key: null, kind })}
            >
              <Icon size={18} stroke={1.5} aria-hidden />
              <span>{t(`block.${kind}`)}</span>
            </UnstyledButton>
          );
        })}
      </div>
    </section>
  );
}
