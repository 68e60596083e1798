import { Menu } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { call } from "@/client/http";
import { MainAction } from "@/design/Page";
import { ErrorState } from "@/design/states";
import { catalogQuery, type Running, runningQuery } from "./data";

/** Reads the source files again: all of them, or those of one dataset. */
export function StartLoad({ onStarted }: { onStarted: () => void }) {
  const { t } = useTranslation("data");
  const client = useQueryClient();
  const catalog = useQuery(catalogQuery);
  const running = useQuery(runningQuery);
  const start = useMutation({
    mutationFn: (dataset: string | null) =>
      call<Running>("POST", "/api/data/loads", { body: { dataset } }),
    onSuccess: (found) => {
      client.setQueryData(runningQuery.queryKey, found);
      onStarted();
    },
  });
  return (
    <>
      {start.error && <ErrorState error={start.error} inline />}
      <Menu position="bottom-end">
        <Menu.Target>
          <MainAction loading={start.isPending} disabled={running.data?.running}>
            {t("load.open")}
          </MainAction>
        </Menu.Target>
        <Menu.Dropdown mah={360} style={{ overflow: "auto" }}>
          <Menu.Item onClick={() => start.mutate(null)}>{t("load.all")}</Menu.Item>
          <Menu.Divider />
          {catalog.data?.datasets.map((one) => (
            <Menu.Item key={one.name} onClick={() => start.mutate(one.name)}>
              {one.label}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
