import { chromium } from 'playwright-core';
const args=['--no-sandbox','--disable-gpu','--disable-quic','--no-first-run','--disable-background-networking','--disable-component-update','--disable-sync'];
const b=await chromium.launch({executablePath:'/usr/bin/chromium',args});
const shots=JSON.parse(process.argv[2]);
for(const s of shots){
  const c=await b.newContext({viewport:{width:s.w||1440,height:s.h||900},colorScheme:s.scheme||'light',deviceScaleFactor:s.dpr||1,timezoneId:'Europe/Berlin',locale:'en-GB'});
  const p=await c.newPage();
  p.on('console',m=>{if(['error','warning'].includes(m.type()))console.log(s.name,m.type(),m.text())});
  p.on('pageerror',e=>console.log(s.name,'pageerror',e.message));
  await p.goto('http://127.0.0.1:4391/'+(s.q||''));
  await p.waitForTimeout(s.wait||900);
  if(s.do) await (new Function('p','return (async()=>{'+s.do+'})()'))(p);
  console.log(s.name, await p.evaluate(()=>document.documentElement.scrollWidth+' '+innerWidth+' '+document.documentElement.scrollHeight));
  await p.screenshot({path:'/tmp/shot-'+s.name+'.png',fullPage:s.full!==false});
  await c.close();
}
await b.close();
