/** As whom a message is looked at: sample values, or a person found by name, kana or number. */
import { CloseButton, Combobox, TextInput, useCombobox } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconUser } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFoundPeople } from "../data";
import classes from "./preview.module.css";

interface Props {
  label: string;
  /** What taking the person away does. */
  back: string;
  person: { id: string; name: string } | null;
  asked: string | undefined;
  onPick: (id: string | undefined) => void;
}

export function PersonPick({ label, back, person, asked, onPick }: Props) {
  const { t } = useTranslation("messages");
  const [text, setText] = useState("");
  const [settled] = useDebouncedValue(text, 200);
  const found = useFoundPeople(settled);
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  const people = settled.trim() === "" ? [] : (found.data ?? []);
  if (asked) {
    return (
      <span className={classes.as}>
        <IconUser size={14} aria-hidden />
        <span className={classes.asName}>{person?.name || asked}</span>
        <CloseButton size="sm" aria-label={back} title={back} onClick={() => onPick(undefined)} />
      </span>
    );
  }
  return (
    <Combobox
      store={combobox}
      width={300}
      position="bottom-start"
      onOptionSubmit={(id) => {
        onPick(id);
        setText("");
        combobox.closeDropdown();
      }}
    >
      <Combobox.Target>
        <TextInput
          size="xs"
          className={classes.find}
          aria-label={label}
          placeholder={label}
          leftSection={<IconUser size={14} aria-hidden />}
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
        <Combobox.Options mah={260} className={classes.options} aria-label={label}>
          {people.map((one) => (
            <Combobox.Option key={one.id} value={one.id}>
              <span className={classes.option}>
                <span>{one.display ?? one.key}</span>
                <span className="muted">{one.key}</span>
              </span>
            </Combobox.Option>
          ))}
          {people.length === 0 && (
            <Combobox.Empty>
              {t(found.isFetching || settled !== text ? "preview.searching" : "preview.nobody")}
            </Combobox.Empty>
          )}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}
