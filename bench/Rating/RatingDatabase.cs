using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Pricing;
using Quoin.Server.Hosting;

namespace Quoin.Bench.Rating;

/// <summary>A database to copy for each measurement: organisations, an operator's key, and a price for each model and meter.</summary>
/// <param name="ConnectionString">The owner's; nobody stays connected.</param>
/// <param name="OperatorKey">May send usage of any of them.</param>
/// <param name="Organisations">Those of the load, the busiest first.</param>
/// <param name="Probes">Further ones, which send single events to be timed.</param>
internal sealed record RatingDatabase(
    string ConnectionString, string OperatorKey, IReadOnlyList<OrgId> Organisations, IReadOnlyList<OrgId> Probes)
{
    private const int ProbeCount = 20;
    private const int MadeAtOnce = 8;

    public static async Task<RatingDatabase> Create(BenchCluster cluster, int organisations, CancellationToken cancellationToken)
    {
        var database = await cluster.CreateDatabase();
        var settings = new HostSettings { DataFolder = cluster.Folder, Database = database };
        await using var app = QuoinHost.Build(settings, database);
        var accounts = app.Services.GetRequiredService<Organisations>();
        var made = new OrgId[organisations + ProbeCount];
        await Parallel.ForAsync(
            0,
            made.Length,
            new ParallelOptions { MaxDegreeOfParallelism = MadeAtOnce, CancellationToken = cancellationToken },
            async (index, token) =>
            {
                var request = new NewOrganisation($"Bench {index}", OrganisationMode.Live, Settlement: Settlement.Postpaid);
                var created = await accounts.Create(request, "bench", token);
                made[index] = ((CreateOrganisationOutcome.Created)created).Organisation.Id;
            });
        var key = await app.Services.GetRequiredService<Keys>().CreateForOperator(
            new NewOperatorKey("bench", [OperatorRole.Admin]), "bench", cancellationToken);
        await Publish(app.Services.GetRequiredService<PriceBooks>(), cancellationToken);
        await app.DisposeAsync();
        await using var pool = new NpgsqlConnection(database);
        NpgsqlConnection.ClearPool(pool);
        return new RatingDatabase(
            database, ((CreateKeyOutcome.Created)key).Key.Secret, made[..organisations], made[organisations..]);
    }

    private static async Task Publish(PriceBooks books, CancellationToken cancellationToken)
    {
        var book = (CreateBookOutcome.Created)await books.Create("bench", Currency.Usd, true, "bench", cancellationToken);
        NewPrice[] prices =
        [
            .. Enumerable.Range(0, RatingLoad.Models).Select(model => Dimensions.Of("model", RatingLoad.Model(model))).SelectMany(
                match => new[]
                {
                    new NewPrice("llm.input_tokens", match, 2.50m, 1_000_000, null),
                    new NewPrice("llm.output_tokens", match, 10m, 1_000_000, null),
                }),
        ];
        await books.Publish(book.Book.Id, prices, "bench", cancellationToken);
    }
}
