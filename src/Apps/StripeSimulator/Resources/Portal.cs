using System.Text.Json.Nodes;
using Quoin.StripeSimulator.Api;
using Quoin.StripeSimulator.Internal;

namespace Quoin.StripeSimulator.Resources;

/// <summary>Visits of the billing portal: one address for one customer.</summary>
internal sealed class Portal(World world)
{
    private const string Kind = "billing_portal.session";

    public JsonObject Create(Call call)
    {
        var form = call.Form;
        form.Required("customer");
        var customer = world.Named(form, "customer", "customer")!;
        var session = world.New("bps_", Kind, customer);
        session["configuration"] = form.Text("configuration") ?? "bpc_1QuoinDemoConfiguration01";
        session["customer"] = customer.Id();
        session["customer_account"] = null;
        session["flow"] = null;
        session["locale"] = form.Text("locale");
        session["on_behalf_of"] = null;
        session["return_url"] = form.Text("return_url");
        session["url"] = $"{world.Address}/p/session/{session.Id()}";
        return world.Add(session, "billing_portal.session.created");
    }
}
