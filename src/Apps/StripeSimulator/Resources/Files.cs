using System.Text.Json.Nodes;
using Quoin.StripeSimulator.Api;
using Quoin.StripeSimulator.Internal;

namespace Quoin.StripeSimulator.Resources;

/// <summary>Files for disputes: their names and sizes are kept, their bytes are not.</summary>
internal sealed class Files(World world)
{
    private const string Kind = "file";

    public JsonObject Create(Call call)
    {
        var purpose = call.Form.Required("purpose");
        var (name, type, bytes) = call.Request.File ?? throw ApiException.Required("file");
        var file = world.New("file_", Kind);
        file["expires_at"] = null;
        file["filename"] = name;
        file["links"] = Json.List($"/v1/file_links?file={file.Id()}", []);
        file["purpose"] = purpose;
        file["size"] = bytes.Length;
        file["title"] = null;
        file["type"] = type.Split('/')[^1];
        file["url"] = null;
        return world.Add(file, null);
    }

    public JsonObject Get(Call call) => world.Get(Kind, call.Id);

    public JsonObject Account(Call call) => new()
    {
        ["id"] = "acct_1QuoinSimulator0",
        ["object"] = "account",
        ["business_profile"] = new JsonObject { ["name"] = world.Options.BusinessName },
        ["charges_enabled"] = true,
        ["country"] = "US",
        ["default_currency"] = "usd",
        ["details_submitted"] = true,
        ["payouts_enabled"] = true,
        ["type"] = "standard",
    };
}
