import { Anchor, Group, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { i18next } from "@/app/i18n";

/** How long something reversible can be taken back, in ms. */
export const UNDO_MS = 10_000;

/** Says that something was done; with `undo`, offers to take it back for 10 s. */
export function told(message: string, undo?: () => void | Promise<void>): void {
  const closeButtonProps = { "aria-label": i18next.t("design:close") };
  if (!undo) {
    notifications.show({
      message,
      autoClose: 4_000,
      withBorder: true,
      color: "ai",
      closeButtonProps,
    });
    return;
  }
  const id = `undo-${Date.now()}`;
  notifications.show({
    id,
    autoClose: UNDO_MS,
    withBorder: true,
    color: "ai",
    closeButtonProps,
    message: (
      <Group justify="space-between" wrap="nowrap" gap="md">
        <Text size="sm">{message}</Text>
        <Anchor
          component="button"
          type="button"
          size="sm"
          onClick={() => {
            notifications.hide(id);
            void undo();
          }}
        >
          {i18next.t("design:undo")}
        </Anchor>
      </Group>
    ),
  });
}
