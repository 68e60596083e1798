import { ActionIcon, Menu } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { call } from "@/client/http";
import { ErrorState } from "@/design/states";
import { told } from "@/design/undo";
import { path, sendQuery } from "./data";
import type { SendDetail } from "./types";

const RUNS: ReadonlySet<string> = new Set(["preparing", "sending", "paused"]);

/** What is seldom done with a send: putting it away, and taking it back out. */
export function MoreMenu({ send }: { send: SendDetail }) {
  const { t } = useTranslation("sends");
  const may = useMay();
  const client = useQueryClient();
  const move = useMutation({
    mutationFn: (how: "archive" | "restore") =>
      call<SendDetail>("POST", `${path(send.slug)}/${how}`),
    onSuccess: async (next, how) => {
      client.setQueryData(sendQuery(send.slug).queryKey, next);
      await client.invalidateQueries({ queryKey: ["sends", "rows"] });
      if (how === "archive") {
        told(t("more.archived", { name: send.name }), () => move.mutate("restore"));
      } else told(t("more.restored", { name: send.name }));
    },
  });
  if (!may("messages.write") || RUNS.has(send.state)) return null;
  return (
    <>
      {move.error && <ErrorState error={move.error} inline />}
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon size={34} variant="default" aria-label={t("more.menu")}>
            <IconDots size={18} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => move.mutate(send.archived ? "restore" : "archive")}>
            {t(send.archived ? "more.restore" : "more.archive")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
