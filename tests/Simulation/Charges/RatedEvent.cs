using System.Text.Json.Nodes;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Tests.Simulation.Usage;

namespace Quoin.Tests.Simulation.Charges;

/// <summary>An event of a priced kind, as the model knows it.</summary>
internal sealed record RatedEvent(ModelEvent Said, string Tariff, string Team)
{
    public DateTimeOffset Bucket => QuarterHour.Of(Said.Time);

    public string Region => Said.Where ?? "none";

    /// <summary>The event as it is sent.</summary>
    public JsonObject Data()
    {
        var data = Said.IsJob
            ? new JsonObject { ["amount"] = Said.Amount, ["user"] = Said.Who }
            : new JsonObject { ["gpus"] = Said.Amount, ["vm"] = Said.Who };
        (data["tariff"], data["team"]) = (Tariff, Team);
        if (Said.Where is { } region)
        {
            data["region"] = region;
        }

        return data;
    }

    /// <summary>As a CloudEvent.</summary>
    public JsonObject Event() => new()
    {
        ["specversion"] = "1.0",
        ["id"] = Said.Id,
        ["source"] = Said.Source,
        ["type"] = Said.IsJob ? "rate.job" : "rate.vm",
        ["time"] = Rfc3339.Format(Said.Time),
        ["data"] = Data(),
    };

    // Few values and whole minutes, so that events meet: at one instant, with one value, in one quarter hour.
    public static RatedEvent Make(Random random, DateTimeOffset start, DateTimeOffset now, string source, string id)
    {
        var isJob = random.Next(3) > 0;
        var time = start.AddMinutes(random.Next((int)(now - start).TotalMinutes))
            .AddMilliseconds(random.Next(3) == 0 ? random.Next(60_000) : 0);
        var said = new ModelEvent(
            source,
            id,
            isJob,
            time,
            isJob ? random.Next(0, 12_000) / 1000m : random.Next(3),
            isJob ? $"user-{random.Next(5)}" : $"vm-{random.Next(3)}",
            random.Next(3) switch
            {
                0 => null,
                1 => "eu",
                _ => "us",
            });
        return new RatedEvent(said, Tariffs.Names[random.Next(Tariffs.Names.Count)], random.Next(2) == 0 ? "red" : "blue");
    }
}
