import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Page } from "@/design/Page";
import { Empty } from "@/design/states";

export function NotFound() {
  const { t } = useTranslation("app");
  return (
    <Page title={t("notFound.title")}>
      <Empty
        title={t("notFound.what")}
        action={
          <Button component={Link} to="/" variant="default">
            {t("notFound.home")}
          </Button>
        }
      >
        {t("notFound.why")}
      </Empty>
    </Page>
  );
}
