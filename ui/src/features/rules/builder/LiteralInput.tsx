/** A value typed or picked, by the type of what it is compared with. */
import { NumberInput, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { DayInput } from "@/design/DayInput";
import { familyOf } from "../model/ops";
import { InlineSelect } from "./InlineSelect";
import { type OperandProps, WEEKDAYS } from "./OperandEditor";
import { ValuesPicker } from "./ValuesPicker";

interface Props extends OperandProps {
  label: string;
  value: string | number | boolean | null;
  onValue: (value: string | number | null) => void;
}

export function LiteralInput(props: Props) {
  const { t } = useTranslation("rules");
  const { field, op, value, onValue } = props;
  if (field.part === "weekday") {
    return (
      <InlineSelect
        label={props.label}
        value={String(value ?? "")}
        choices={WEEKDAYS.map((day) => ({ value: day, label: t(`weekday.${day}`) }))}
        onChange={onValue}
      />
    );
  }
  switch (familyOf(field.type)) {
    case "number":
      return (
        <NumberInput
          size="xs"
          w={field.meaning === "money" ? 140 : 96}
          aria-label={props.label}
          placeholder={t("operand.typeNumber")}
          thousandSeparator=","
          hideControls
          allowDecimal={field.type !== "integer"}
          value={typeof value === "number" ? value : ""}
          onChange={(next) => onValue(typeof next === "number" ? next : null)}
        />
      );
    case "date":
      return (
        <DayInput
          size="xs"
          w={180}
          aria-label={props.label}
          value={String(value ?? "").slice(0, 10) || null}
          onChange={onValue}
        />
      );
    default:
      if (["eq", "ne", "has"].includes(op)) {
        return (
          <ValuesPicker
            field={field}
            values={value === null || value === "" ? [] : [value]}
            onChange={(values) => onValue((values[0] as string | undefined) ?? null)}
          />
        );
      }
      return (
        <TextInput
          size="xs"
          w={180}
          aria-label={props.label}
          placeholder={t("operand.typeText")}
          value={String(value ?? "")}
          onChange={(event) => onValue(event.currentTarget.value)}
        />
      );
  }
}
