using System.Text.Json.Nodes;
using Quoin.StripeSimulator.Api;
using Quoin.StripeSimulator.Internal;

namespace Quoin.StripeSimulator.Resources;

/// <summary>Clocks of their own for some customers and all that is theirs; they stand until they are advanced.</summary>
internal sealed class TestClocks(World world)
{
    private const string Kind = "test_helpers.test_clock";

    public JsonObject Create(Call call)
    {
        var clock = world.New("clock_", Kind);
        clock["deletes_after"] = world.Now() + (30 * 24 * 3600);
        clock["frozen_time"] = call.Form.Whole("frozen_time") ?? throw ApiException.Required("frozen_time");
        clock["name"] = call.Form.Text("name");
        clock["status"] = "ready";
        clock["status_details"] = new JsonObject();
        return world.Add(clock, "test_helpers.test_clock.created");
    }

    public JsonObject Get(Call call) => world.Get(Kind, call.Id);

    public JsonObject List(Call call) => Lists.Page(call, world.Store.Newest(Kind), Kind);

    public JsonObject Advance(Call call)
    {
        var clock = world.Get(Kind, call.Id);
        var target = call.Form.Whole("frozen_time") ?? throw ApiException.Required("frozen_time");
        if (target <= clock.Long("frozen_time"))
        {
            throw ApiException.Invalid("frozen_time", "The test clock's frozen time can only be advanced to a later time.");
        }

        clock["status"] = "advancing";
        clock["status_details"] = new JsonObject { ["advancing"] = new JsonObject { ["target_frozen_time"] = target } };
        world.Add(clock, "test_helpers.test_clock.advancing");
        var answer = clock.Copy();
        world.CatchUp(clock.Id(), target, (at, work) =>
        {
            clock["frozen_time"] = Math.Max(at, clock.Long("frozen_time"));
            work();
        });
        clock["frozen_time"] = target;
        clock["status"] = "ready";
        clock["status_details"] = new JsonObject();
        world.Add(clock, "test_helpers.test_clock.ready");
        return answer;
    }

    public JsonObject Delete(Call call)
    {
        var clock = world.Get(Kind, call.Id);
        foreach (var customer in world.Store.All("customer").Where(one => one.Text("test_clock") == clock.Id()).ToList())
        {
            world.Customers.Delete(call with { Id = customer.Id() });
        }

        world.Events.Emit("test_helpers.test_clock.deleted", clock);
        world.Store.Remove(clock.Id());
        return new JsonObject { ["id"] = clock.Id(), ["object"] = Kind, ["deleted"] = true };
    }
}
