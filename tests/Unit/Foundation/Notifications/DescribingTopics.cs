using System.Text.Json.Nodes;
using Quoin.Notifications;

namespace Quoin.Tests.Unit.Foundation.Notifications;

public sealed class DescribingTopics
{
    public static TheoryData<string> Names => [.. NotificationTopics.All.Select(topic => topic.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Has_a_schema_that_knows_every_member_of_the_example(string name)
    {
        var topic = NotificationTopics.Find(name)!;

        var schema = topic.Schema.AsObject();

        ((string)schema["type"]!).ShouldBe("object");
        schema["properties"]!.AsObject().Select(member => member.Key)
            .ShouldBe(topic.ExamplePayload.AsObject().Select(member => member.Key));
        foreach (var (member, described) in schema["properties"]!.AsObject())
        {
            (described is JsonObject { Count: > 0 }).ShouldBeTrue($"{member} says what it is");
        }
    }

    [Fact]
    public void Shows_money_instants_and_numbers_as_the_api_does()
    {
        var example = NotificationTopics.BalanceLow.ExamplePayload;

        example["available"]!.ToJsonString().ShouldBe("""{"currency":"USD","amount_micros":4210000}""");
        ((string)example["runway_days"]!).ShouldBe("1.5");
        ((string)NotificationTopics.GrantExpiring.ExamplePayload["expires_at"]!).ShouldBe("2026-11-27T08:15:00Z");
    }
}
