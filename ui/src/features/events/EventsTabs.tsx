import { Tabs } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";

const TABS = [
  { id: "arrivals", to: "/events", permission: "events.read" },
  { id: "sources", to: "/events/sources", permission: "events.read" },
  { id: "import", to: "/events/import", permission: "events.write" },
  { id: "webhooks", to: "/events/webhooks", permission: "webhooks.read" },
] as const;

/** The peers below イベント. */
export function EventsTabs({ value }: { value: (typeof TABS)[number]["id"] }) {
  const { t } = useTranslation("events");
  const may = useMay();
  const navigate = useNavigate();
  return (
    <Tabs
      value={value}
      onChange={(id) => {
        const found = TABS.find((one) => one.id === id);
        if (found) void navigate({ to: found.to });
      }}
    >
      <Tabs.List>
        {TABS.filter((one) => may(one.permission)).map((one) => (
          <Tabs.Tab key={one.id} value={one.id}>
            {t(`tabs.${one.id}`)}
          </Tabs.Tab>
        ))}
      </Tabs.List>
    </Tabs>
  );
}
