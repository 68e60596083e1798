/** What law and spam filters ask, found or not: each with what to do and the way there. */
import { Button } from "@mantine/core";
import { IconArrowRight, IconShieldCheck } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Section } from "@/design/Page";
import { StatusBadge } from "@/design/StatusBadge";
import { Empty } from "@/design/states";
import type { Check } from "../types";
import type { EditorProps } from "./context";
import classes from "./template.module.css";

const LEVELS = ["refuse", "warn"] as const;

export function ChecksTab({
  checks,
  look,
  onJump,
}: EditorProps & { onJump: (path: string) => void }) {
  const { t } = useTranslation("messages");
  if (checks.length === 0 && look.preview) {
    return (
      <Section>
        <Empty title={t("checks.none")}>
          <IconShieldCheck size={18} aria-hidden /> {t("checks.noneText")}
        </Empty>
      </Section>
    );
  }
  return (
    <>
      {LEVELS.map((level) => {
        const found = checks.filter((one) => one.level === level);
        if (found.length === 0) return null;
        return (
          <Section
            key={level}
            title={t(`checks.${level}`)}
            aside={<span className="muted">{t(`checks.${level}Text`)}</span>}
          >
            <ul className={classes.checks}>
              {found.map((check) => (
                <Row key={check.code + check.path} check={check} onJump={onJump} />
              ))}
            </ul>
          </Section>
        );
      })}
    </>
  );
}

function Row({ check, onJump }: { check: Check; onJump: (path: string) => void }) {
  const { t } = useTranslation("messages");
  return (
    <li className={classes.check}>
      <StatusBadge tone={check.level === "refuse" ? "alarm" : "warn"}>
        {t(`level.${check.level}`)}
      </StatusBadge>
      <div className={classes.checkWords}>
        <div>{check.message}</div>
        <div className="muted">{check.remedy}</div>
      </div>
      <Button
        size="compact-sm"
        variant="subtle"
        rightSection={<IconArrowRight size={14} aria-hidden />}
        onClick={() => onJump(check.path)}
      >
        {t("checks.go")}
      </Button>
    </li>
  );
}
