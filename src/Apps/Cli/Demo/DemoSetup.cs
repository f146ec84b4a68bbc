using Quoin.Kernel;

namespace Quoin.Cli;

/// <summary>The demo organisation, ready to be used.</summary>
/// <param name="Org">Its id.</param>
/// <param name="KeyFile">The file that holds its key, readable by its owner only.</param>
/// <param name="Key">Its key.</param>
public sealed record DemoOrganisation(string Org, string KeyFile, string Key);

/// <summary>
/// Sets the demo up through the public API, as an operator would: a test-mode organisation, prices, some credit, a key.
/// What is there already is found again.
/// </summary>
/// <param name="settings">Where the API is, with an operator's key.</param>
/// <param name="folder">Where the organisation's key is kept.</param>
/// <param name="time">Measures pauses.</param>
public sealed class DemoSetup(ApiSettings settings, string folder, TimeProvider time)
{
    private const string Slug = "demo";
    private const string KeyLabel = "Demo";
    private const long CreditMicros = 2_500 * Money.MicrosPerUnit;

    /// <summary>Sets everything up.</summary>
    /// <exception cref="ApiException">Something was refused, or the server is not there.</exception>
    public async Task<DemoOrganisation> Run(CancellationToken cancellationToken)
    {
        using var api = new ApiClient(settings, time);
        var org = await FindOrCreate(api, cancellationToken);
        await PublishMissingPrices(api, cancellationToken);
        using var inOrg = new ApiClient(settings with { Org = org.Id }, time);
        await LetUnpricedModelsBeFree(inOrg, cancellationToken);
        await GrantCredit(inOrg, org, cancellationToken);
        var file = Path.Combine(folder, "demo-key");
        return new DemoOrganisation(org.Id, file, await KeyOf(inOrg, org.Id, file, cancellationToken));
    }

    private static async Task<OrganisationAnswer> FindOrCreate(ApiClient api, CancellationToken cancellationToken)
    {
        try
        {
            return await api.Post<OrganisationAnswer>(
                "/v1/organisations",
                new { Name = "Demo", Mode = "test", Slug, Reason = "quoin demo" },
                cancellationToken);
        }
        catch (ApiException taken) when (taken.Code == "slug_taken")
        {
            return await Find(api, cancellationToken);
        }
    }

    private static async Task<OrganisationAnswer> Find(ApiClient api, CancellationToken cancellationToken)
    {
        string? cursor = null;
        do
        {
            var page = await api.Get<PageAnswer<OrganisationAnswer>>(
                $"/v1/organisations?limit={Limits.PageRows}" + (cursor is null ? string.Empty : $"&cursor={cursor}"), cancellationToken);
            if (page.Data.FirstOrDefault(org => org.Slug == Slug) is { } found)
            {
                return found.Mode == "test"
                    ? found
                    : throw new InvalidDataException($"The organisation '{Slug}' is a live one; the demo leaves it alone.");
            }

            cursor = page.NextCursor;
        }
        while (cursor is not null);

        throw new InvalidDataException($"The slug '{Slug}' is taken, but no organisation has it. Try again.");
    }

    private static async Task PublishMissingPrices(ApiClient api, CancellationToken cancellationToken)
    {
        var books = await api.Get<PageAnswer<BookAnswer>>("/v1/price-books", cancellationToken);
        var book = books.Data.FirstOrDefault(known => known is { IsDefault: true, Currency: "USD" })
            ?? await api.Post<BookAnswer>(
                "/v1/price-books", new { Name = "List prices", Currency = "USD", IsDefault = true }, cancellationToken);
        var published = await api.Get<PageAnswer<PriceAnswer>>("/v1/prices", cancellationToken);
        var known = published.Data
            .Where(price => price.PriceBook == book.Id)
            .Select(price => (price.Meter, price.Match.GetValueOrDefault("model")))
            .ToHashSet();
        var missing = DemoModel.All.Concat(DemoModel.Built)
            .SelectMany(model => new[]
            {
                (Meter: "llm.input_tokens", Model: model, Price: model.InputPrice),
                (Meter: "llm.output_tokens", Model: model, Price: model.OutputPrice),
            })
            .Where(price => !known.Contains((price.Meter, price.Model.Name)))
            .Select(price => new
            {
                price.Meter,
                UnitPrice = price.Price,
                PerQuantity = 1_000_000,
                Match = new Dictionary<string, string> { ["model"] = price.Model.Name },
                Cost = DemoModel.Built.Contains(price.Model) ? CostOf(price.Price / 2) : null,
            })
            .ToArray();
        if (missing.Length > 0)
        {
            await api.Post<object>($"/v1/price-books/{book.Id}/prices", new { Prices = missing }, cancellationToken);
        }
    }

    private static object CostOf(decimal price) => new
    {
        Cells = new[] { new { Model = new { Type = "per_unit", Price = price, Per = 1_000_000 } } },
    };

    // Those of the built-in models that have no price, such as the ones that fail on purpose, can be tried, too.
    private static Task LetUnpricedModelsBeFree(ApiClient api, CancellationToken cancellationToken) => api.Put(
        "/v1/inference/unpriced-models", new { Policy = "zero", Reason = "quoin demo" }, cancellationToken);

    private static async Task GrantCredit(ApiClient api, OrganisationAnswer org, CancellationToken cancellationToken)
    {
        try
        {
            await api.Post<object>(
                "/v1/grants",
                new
                {
                    BillingAccount = org.DefaultBillingAccount.Id,
                    Amount = new MoneyAnswer(org.DefaultBillingAccount.Currency, CreditMicros),
                    Source = "promotional",
                    Key = "demo-welcome",
                    Reason = "Welcome to Quoin",
                },
                cancellationToken);
        }
        catch (ApiException granted) when (granted.Code == "transfer_key_conflict")
        {
            // An earlier run granted it, at another time and so with another body: once is enough.
        }
    }

    private async Task<string> KeyOf(ApiClient api, string org, string file, CancellationToken cancellationToken)
    {
        if (File.Exists(file))
        {
            var kept = (await File.ReadAllTextAsync(file, cancellationToken)).Trim();
            if (await IsKeyOf(kept, org, cancellationToken) && await MayCallModels(kept, cancellationToken))
            {
                return kept;
            }
        }

        // Whoever has an older one had this folder, too; one key in use is enough.
        var keys = await api.Get<PageAnswer<KeyAnswer>>($"/v1/keys?limit={Limits.PageRows}", cancellationToken);
        foreach (var old in keys.Data.Where(key => key.Label == KeyLabel && key.RevokedAt is null))
        {
            await api.Delete($"/v1/keys/{old.Id}", cancellationToken);
        }

        var created = await api.Post<CreatedKeyAnswer>("/v1/keys", new { Label = KeyLabel, Reason = "quoin demo" }, cancellationToken);
        await WritePrivately(file, created.Secret, cancellationToken);
        return created.Secret;
    }

    private async Task<bool> IsKeyOf(string key, string org, CancellationToken cancellationToken)
    {
        using var api = new ApiClient(settings with { Key = key, Org = null }, time);
        var outcome = await api.Send(HttpMethod.Get, "/v1/organisation", null, null, cancellationToken);
        return outcome is ApiOutcome.Answered answered
            && System.Text.Json.JsonSerializer.Deserialize<OrganisationAnswer>(answered.Body, ApiJson.Options)?.Id == org;
    }

    // A key of an older release may lack the scope; it is replaced like one that works no more.
    private async Task<bool> MayCallModels(string key, CancellationToken cancellationToken)
    {
        using var api = new ApiClient(settings with { Key = key, Org = null }, time);
        return await api.Send(HttpMethod.Get, "/v1/models", null, null, cancellationToken) is ApiOutcome.Answered;
    }

    private static async Task WritePrivately(string file, string secret, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        var part = file + ".new";
        File.Delete(part);
        await using (var stream = new FileStream(part, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(secret + "\n"), cancellationToken);
        }

        File.Move(part, file, overwrite: true);
    }

    private sealed record OrganisationAnswer(string Id, string? Slug, string Mode, BillingAccountAnswer DefaultBillingAccount);

    private sealed record BillingAccountAnswer(string Id, string Currency);

    private sealed record BookAnswer(string Id, string Currency, bool IsDefault);

    private sealed record PriceAnswer(string PriceBook, string Meter, IReadOnlyDictionary<string, string> Match);

    private sealed record KeyAnswer(string Id, string Label, DateTimeOffset? RevokedAt);

    private sealed record CreatedKeyAnswer(string Secret);
}
