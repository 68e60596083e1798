/** How soon after the step before: a word that opens a number and a unit; or no limit. */
import { Button, Popover, Stack, UnstyledButton } from "@mantine/core";
import { IconChevronDown, IconPlus } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { lengthText, type Unit } from "../model/windows";
import classes from "./builder.module.css";
import { LengthInput } from "./WindowEditor";

/** Elapsed time: a month or a year has no fixed length. */
const UNITS: readonly Unit[] = ["d", "w", "h", "m"];

interface Props {
  within: string | null;
  /** An absence needs a time after which it is sure. */
  required: boolean;
  onChange: (within: string | null) => void;
}

export function WithinWord({ within, required, onChange }: Props) {
  const { t } = useTranslation("rules");
  if (within === null) {
    return (
      <Button
        variant="subtle"
        color="gray"
        size="compact-xs"
        leftSection={<IconPlus size={12} aria-hidden />}
        onClick={() => onChange("7d")}
      >
        {t("sequence.addWithin")}
      </Button>
    );
  }
  const words = t("sequence.within", { length: lengthText(within, t) });
  return (
    <Popover position="bottom-start" withinPortal trapFocus>
      <Popover.Target>
        <UnstyledButton
          className={classes.word}
          aria-label={`${t("sequence.withinLabel")}: ${words}`}
        >
          <span>{words}</span>
          <IconChevronDown size={12} aria-hidden />
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="xs">
          <LengthInput length={within} units={UNITS} onChange={onChange} />
          {!required && (
            <Button variant="subtle" color="gray" size="compact-xs" onClick={() => onChange(null)}>
              {t("sequence.removeWithin")}
            </Button>
          )}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
