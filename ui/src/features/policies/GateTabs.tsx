import { SegmentedControl } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { SettingsTabs } from "@/app/SettingsTabs";
import { useMay } from "@/app/session";
import classes from "./policies.module.css";

export const GATE_PAGES = [
  { id: "policies", to: "/settings/gate", permission: "policies.read" },
  { id: "calendar", to: "/settings/gate/calendar", permission: "policies.read" },
  { id: "imports", to: "/settings/gate/imports", permission: "gate.import" },
] as const;

/** The settings' tabs, and below 接触可否 its own pages. */
export function GateTabs({ value }: { value: (typeof GATE_PAGES)[number]["id"] }) {
  const { t } = useTranslation("policies");
  const may = useMay();
  const navigate = useNavigate();
  const shown = GATE_PAGES.filter((one) => may(one.permission));
  return (
    <>
      <SettingsTabs value="gate" />
      {shown.length > 1 && (
        <SegmentedControl
          className={classes.pages}
          aria-label={t("title")}
          value={value}
          data={shown.map((one) => ({ value: one.id, label: t(`page.${one.id}`) }))}
          onChange={(id) => {
            const found = shown.find((one) => one.id === id);
            if (found) void navigate({ to: found.to as string });
          }}
        />
      )}
    </>
  );
}
