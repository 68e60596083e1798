import { Tabs } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { settings } from "./navigation";
import { useMay } from "./session";

/** The peers below 設定, as tabs. */
export function SettingsTabs({ value }: { value: (typeof settings)[number]["id"] }) {
  const { t } = useTranslation("app");
  const may = useMay();
  const navigate = useNavigate();
  const shown = settings.filter((one) => !("permission" in one) || may(one.permission));
  return (
    <Tabs
      value={value}
      onChange={(id) => {
        const found = shown.find((one) => one.id === id);
        if (found) void navigate({ to: found.to as string });
      }}
    >
      <Tabs.List>
        {shown.map((one) => (
          <Tabs.Tab key={one.id} value={one.id}>
            {t(`settings.${one.id}`)}
          </Tabs.Tab>
        ))}
      </Tabs.List>
    </Tabs>
  );
}
