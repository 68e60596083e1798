/** A list of like things in the inspector. */
import { ActionIcon, Button } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useEditing } from "../forms/editing";
import styles from "../forms/forms.module.css";

interface ItemsProps<T> {
  items: readonly T[];
  onChange: (items: T[], mark?: string) => void;
  fresh: () => T;
  add: string;
  title: (number: number) => string;
  most: number;
  children: (item: T, set: (item: T) => void, at: number) => ReactNode;
}

/** A list of like things, each with a way out. */
export function Items<T>({ items, onChange, fresh, add, title, most, children }: ItemsProps<T>) {
  const { t } = useTranslation("journeys");
  const { readOnly } = useEditing();
  return (
    <>
      {items.map((item, at) => (
        <section key={at} className={styles.item} aria-label={title(at + 1)}>
          <header className={styles.itemHead}>
            <span>{title(at + 1)}</span>
            {!readOnly && (
              <ActionIcon
                aria-label={t("form.remove", { name: title(at + 1) })}
                onClick={() => onChange(items.filter((_, index) => index !== at))}
              >
                <IconX size={15} aria-hidden />
              </ActionIcon>
            )}
          </header>
          {children(
            item,
            (next) =>
              onChange(
                items.map((old, index) => (index === at ? next : old)),
                `item${at}`,
              ),
            at,
          )}
        </section>
      ))}
      {!readOnly && items.length < most && (
        <div>
          <Button
            variant="light"
            size="compact-sm"
            leftSection={<IconPlus size={14} aria-hidden />}
            onClick={() => onChange([...items, fresh()])}
          >
            {add}
          </Button>
        </div>
      )}
    </>
  );
}
