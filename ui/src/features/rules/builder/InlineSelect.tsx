/** A choice inside a sentence: a word that opens a list. */
import { Combobox, UnstyledButton, useCombobox } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import classes from "./builder.module.css";

export interface Choice {
  value: string;
  label: string;
  disabled?: boolean;
}

interface Props {
  label: string;
  value: string;
  choices: readonly Choice[];
  onChange: (value: string) => void;
  tone?: "plain" | "strong";
}

export function InlineSelect({ label, value, choices, onChange, tone = "plain" }: Props) {
  const combobox = useCombobox({
    onDropdownClose: () => combobox.resetSelectedOption(),
    onDropdownOpen: () => combobox.selectActiveOption(),
  });
  const current = choices.find((choice) => choice.value === value);
  return (
    <Combobox
      store={combobox}
      width="max-content"
      position="bottom-start"
      onOptionSubmit={(next) => {
        onChange(next);
        combobox.closeDropdown();
      }}
    >
      <Combobox.Target targetType="button">
        <UnstyledButton
          className={classes.word}
          data-tone={tone}
          aria-label={`${label}: ${current?.label ?? value}`}
          onClick={() => combobox.toggleDropdown()}
        >
          <span>{current?.label ?? value}</span>
          <IconChevronDown size={12} aria-hidden />
        </UnstyledButton>
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Options mah={280} className={classes.options} aria-label={label}>
          {choices.map((choice) => (
            <Combobox.Option
              key={choice.value}
              value={choice.value}
              active={choice.value === value}
              disabled={choice.disabled ?? false}
            >
              {choice.label}
            </Combobox.Option>
          ))}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}
