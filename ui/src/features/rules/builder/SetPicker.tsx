/** Chooses a segment or a list by typing its name. */
import { Combobox, Group as Row, Text, UnstyledButton } from "@mantine/core";
import { IconAlertTriangle, IconChevronDown } from "@tabler/icons-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import en from "../en.json";
import ja from "../ja.json";
import { foundSet, search } from "../model/finder";
import type { RuleSet } from "../model/sets";
import classes from "./builder.module.css";
import { useBuilder } from "./context";
import { useFirstOption, usePicker } from "./usePicker";

interface Props {
  kind: RuleSet["kind"];
  slug: string;
  onPick: (set: RuleSet) => void;
}

/** What segments and lists are called in both languages. */
export function setHint(kind: RuleSet["kind"]): { ja: string; en: string } {
  return { ja: ja.membership.kind[kind], en: en.membership.kind[kind] };
}

export function SetPicker({ kind, slug, onPick }: Props) {
  const { t } = useTranslation("rules");
  const { sets, locale } = useBuilder();
  const picker = usePicker();
  const { combobox, query, setQuery } = picker;
  const all = useMemo(
    () => sets.map((set) => foundSet(set, locale, setHint(set.kind))),
    [sets, locale],
  );
  const found = useMemo(() => search(all, query), [all, query]);
  useFirstOption(picker, found.map((one) => one.label).join("\n"));
  const known = sets.find((one) => one.kind === kind && one.slug === slug);
  const label =
    slug === ""
      ? t("membership.choose")
      : (known?.label[locale] ?? t("membership.unknown", { slug }));
  return (
    <Combobox
      store={combobox}
      {...picker.popover}
      width={320}
      position="bottom-start"
      onOptionSubmit={(index) => {
        const chosen = found[Number(index)];
        if (chosen?.kind === "set") onPick(chosen.set);
        combobox.closeDropdown();
      }}
    >
      <Combobox.Target withAriaAttributes={false}>
        <UnstyledButton
          className={classes.field}
          data-empty={slug === "" || undefined}
          data-unknown={(slug !== "" && !known) || undefined}
          aria-haspopup="listbox"
          aria-expanded={combobox.dropdownOpened}
          aria-label={`${t("membership.what")}: ${label}`}
          onClick={() => combobox.toggleDropdown()}
        >
          {slug !== "" && !known && <IconAlertTriangle size={14} aria-hidden />}
          <span>{label}</span>
          <IconChevronDown size={12} aria-hidden />
        </UnstyledButton>
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Search
          ref={picker.search}
          value={query}
          aria-label={t("membership.search")}
          placeholder={t("membership.search")}
          onChange={(event) => setQuery(event.currentTarget.value)}
        />
        <Combobox.Options mah={300} className={classes.options} aria-label={t("membership.what")}>
          {found.map((one, index) => (
            <Combobox.Option
              key={`${one.hint}${one.label}${index}`}
              value={String(index)}
              active={one.kind === "set" && one.set === known}
            >
              <Row gap={8} justify="space-between" wrap="nowrap">
                <span>{one.label}</span>
                <Text size="xs" c="dimmed" className={classes.foundHint}>
                  {one.hint}
                </Text>
              </Row>
            </Combobox.Option>
          ))}
          {found.length === 0 && (
            <Combobox.Empty>
              {sets.length === 0 ? t("membership.none") : t("finder.none", { query })}
            </Combobox.Empty>
          )}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}
