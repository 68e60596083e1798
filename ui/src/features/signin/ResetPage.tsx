import { Anchor, Button, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "@/client/http";
import { ErrorState } from "@/design/states";
import { Gateway } from "./Gateway";
import { NewPassword } from "./NewPassword";

export function ResetPage() {
  const { t } = useTranslation("signin");
  const { token } = useSearch({ from: "/reset-password" });
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const reset = useMutation({
    mutationFn: () => call("POST", "/api/auth/password/reset", { body: { token, password } }),
  });
  return (
    <Gateway title={t("reset.title")}>
      {reset.isSuccess ? (
        <Stack gap="md">
          <Text size="sm" role="status">
            {t("reset.done")}
          </Text>
          <Button component={Link} to="/sign-in">
            {t("toSignIn")}
          </Button>
        </Stack>
      ) : !token ? (
        <Text size="sm">{t("linkBroken")}</Text>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            reset.mutate();
          }}
        >
          <Stack gap="md">
            <NewPassword value={password} again={again} onValue={setPassword} onAgain={setAgain} />
            {reset.error && <ErrorState error={reset.error} inline />}
            <Button
              type="submit"
              loading={reset.isPending}
              disabled={!password || password !== again}
            >
              {t("reset.submit")}
            </Button>
          </Stack>
        </form>
      )}
      {!reset.isSuccess && (
        <Text size="sm" mt="md">
          <Anchor component={Link} to="/sign-in" size="sm">
            {t("back")}
          </Anchor>
        </Text>
      )}
    </Gateway>
  );
}
