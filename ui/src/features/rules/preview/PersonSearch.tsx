/** Finds one person by name, kana or number, to ask why she is in or not. */
import { Combobox, TextInput, useCombobox } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconUserSearch } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type NamedPerson, usePeople } from "../data";
import classes from "./preview.module.css";

interface Props {
  subject: string | null;
  onPick: (person: NamedPerson) => void;
  /** What she is looked for; absent: to ask why she is in or not. */
  label?: string;
}

export function PersonSearch({ subject, onPick, label }: Props) {
  const { t } = useTranslation("rules");
  const [text, setText] = useState("");
  const [settled] = useDebouncedValue(text, 200);
  const found = usePeople(settled, subject);
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  const people = settled.trim() === "" ? [] : (found.data ?? []);
  return (
    <section>
      <Combobox
        store={combobox}
        withinPortal
        onOptionSubmit={(id) => {
          const person = people.find((one) => one.id === id);
          if (person) onPick(person);
          setText("");
          combobox.closeDropdown();
        }}
      >
        <Combobox.Target>
          <TextInput
            size="xs"
            label={label ?? t("why.search")}
            placeholder={t("why.searchHint")}
            leftSection={<IconUserSearch size={14} aria-hidden />}
            value={text}
            onChange={(event) => {
              setText(event.currentTarget.value);
              combobox.openDropdown();
              combobox.updateSelectedOptionIndex();
            }}
            onFocus={() => combobox.openDropdown()}
            onBlur={() => combobox.closeDropdown()}
          />
        </Combobox.Target>
        <Combobox.Dropdown hidden={text.trim() === ""}>
          <Combobox.Options mah={260} className={classes.options} aria-label={t("why.search")}>
            {people.map((person) => (
              <Combobox.Option key={person.id} value={person.id}>
                <span className={classes.person}>
                  <span>{person.display ?? person.key}</span>
                  <span className={classes.key}>{person.key}</span>
                </span>
              </Combobox.Option>
            ))}
            {people.length === 0 && (
              <Combobox.Empty>
                {t(found.isFetching || settled !== text ? "why.searching" : "why.nobody")}
              </Combobox.Empty>
            )}
          </Combobox.Options>
        </Combobox.Dropdown>
      </Combobox>
    </section>
  );
}
