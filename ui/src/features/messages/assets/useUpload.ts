import { useMutation, useQueryClient } from "@tanstack/react-query";
import { call } from "@/client/http";
import { ASSETS_KEY } from "../data";
import type { Asset } from "../types";

export const KINDS = "image/png,image/jpeg,image/gif,image/webp";

/** The bytes of a file in base64. */
async function base64(file: File): Promise<string> {
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(String(reader.result).replace(/^[^,]*,/, ""));
    reader.onerror = () => failed(reader.error);
    reader.readAsDataURL(file);
  });
}

/** Brings an image in under the name of its file. */
export function useUpload(onDone: (asset: Asset) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (file: File) =>
      call<Asset>("POST", "/api/assets", {
        body: { name: file.name.replace(/\.[^.]+$/, ""), content: await base64(file) },
      }),
    onSuccess: async (made) => {
      await client.invalidateQueries({ queryKey: ASSETS_KEY });
      onDone(made);
    },
  });
}
