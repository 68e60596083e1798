import { ActionIcon } from "@mantine/core";
import { IconHistory, IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import styles from "./AsOf.module.css";
import { useFormat } from "./useFormat";

/** Shown when what is seen is not of now. */
export function AsOf({ at, onClear }: { at: string | null | undefined; onClear?: () => void }) {
  const { t } = useTranslation("design");
  const format = useFormat();
  if (!at) return null;
  return (
    <span className={styles.asOf}>
      <IconHistory size={14} aria-hidden="true" />
      {t("asOf", { at: format.dateTime(at) })}
      {onClear && (
        <ActionIcon size="xs" aria-label={t("asOfClear")} onClick={onClear}>
          <IconX size={12} />
        </ActionIcon>
      )}
    </span>
  );
}
