import { Tabs } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import classes from "./messages.module.css";

const TABS = [
  { id: "templates", to: "/messages", permission: "messages.read" },
  { id: "sends", to: "/messages/sends", permission: "messages.read" },
  { id: "deliveries", to: "/messages/deliveries", permission: "messages.read" },
  { id: "mailbox", to: "/messages/mailbox", permission: "mailbox.read" },
  { id: "images", to: "/messages/images", permission: "messages.read" },
] as const;

/** The peers below メッセージ. */
export function MessagesTabs({ value }: { value: (typeof TABS)[number]["id"] }) {
  const { t } = useTranslation("messages");
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
      <Tabs.List className={classes.tabs}>
        {TABS.filter((one) => may(one.permission)).map((one) => (
          <Tabs.Tab key={one.id} value={one.id}>
            {t(`tabs.${one.id}`)}
          </Tabs.Tab>
        ))}
      </Tabs.List>
    </Tabs>
  );
}
